// The verdict: first one sentence, then each finding with where, since when, and what to do.

import { h } from "./dom.js";
import { few, number, plural, visible, words } from "./format.js";

const TITLES = {
  fatal: "This run cannot end well.",
  sick: "Something is wrong with this run.",
  odd: "Nothing is clearly wrong, but something looks odd.",
};
const SEVERITY = { fatal: "fatal", sick: "sick", odd: "odd" };

/** Findings that are told now, in order, causes only; the first ones get numbers that the chart shows too. */
export function told(verdict) {
  return (verdict?.findings ?? []).filter((finding) => !finding.early && !finding.explained_by);
}

export function worst(verdict) {
  const found = told(verdict).map((finding) => finding.severity);
  return ["fatal", "sick", "odd"].find((severity) => found.includes(severity)) ?? "well";
}

/** The section of one run's verdict. */
export function verdictSection(card, run) {
  const { verdict, about } = run;
  const title = headline(card, verdict, about);
  if (!verdict) return [h("h2", {}, title), reading(about)];
  const findings = told(verdict);
  const early = verdict.findings.filter((finding) => finding.early && !finding.explained_by);
  return [
    h("h2", {}, title),
    h("ol", { class: "findings" }, findings.map((finding, index) => findingItem(finding, index + 1, verdict))),
    early.length ? h("details", { "data-key": "early" },
      h("summary", {}, `Too early to be sure: ${few(early.map((finding) => words(finding.name)), 3)}`),
      h("p", { class: "how" }, "These show now and may pass as the training goes on; they are told when they last."),
      h("ul", {}, early.map((finding) => h("li", {}, h("b", {}, words(finding.name)), " ", visible(finding.message))))) : null,
    unchecked(verdict),
    broken(verdict),
  ];
}

function headline(card, verdict, about) {
  if (!verdict) return about?.sampled ? "Reading a long log; the curves below are a sample of it." : "Reading the log …";
  const severity = worst(verdict);
  if (severity !== "well") return TITLES[severity];
  return card?.status === "running" ? "Nothing wrong so far." : "Nothing wrong was found.";
}

function reading(about) {
  if (!about || about.read >= 1) return null;
  const percent = Math.floor(100 * about.read);
  return h("p", { class: "how" }, h("progress", { max: 100, value: percent, "aria-label": "Share of the log that is read" }),
    ` ${percent} % read; the verdict comes when all of it is.`);
}

function findingItem(finding, index, verdict) {
  const symptoms = verdict.findings.filter((other) => other.explained_by === finding.name);
  const [first, ...rest] = finding.remedies;
  const since = finding.since === null ? "" : `since step ${number(finding.since)}`;
  const where = finding.where.length ? `in ${few(finding.where)}` : "";
  const evidence = Object.entries(finding.evidence);
  return h("li", { class: `finding ${finding.severity}` },
    h("div", { class: "number", "aria-hidden": "true" }, String(index)),
    h("div", {},
      h("h3", {}, words(finding.name), " ", h("span", { class: `tag ${finding.severity}` }, SEVERITY[finding.severity]),
        h("code", {}, finding.code)),
      h("p", {}, visible(finding.message)),
      since || where ? h("p", { class: "how" }, [where, since].filter(Boolean).join(", ")) : null,
      first ? h("p", { class: "try" }, h("b", {}, "Try: "), visible(first.text)) : null,
      symptoms.length ? h("p", { class: "how" }, `This also explains: ${symptoms.map((s) => words(s.name)).join(", ")}.`) : null,
      rest.length || evidence.length || finding.where.length > 4 ? h("details", { "data-key": `finding-${finding.name}` },
        h("summary", {}, "How we know, and what else to try"),
        rest.length ? h("ul", {}, rest.map((remedy) => h("li", {}, visible(remedy.text)))) : null,
        evidence.length ? h("dl", { class: "evidence" }, evidence.flatMap(([name, value]) =>
          [h("dt", {}, visible(name.replaceAll("_", " "))), h("dd", {}, shown(value))])) : null,
        finding.where.length > 4 ? h("p", { class: "how" }, `All places: ${finding.where.map(visible).join(", ")}`) : null,
        h("p", { class: "how" }, "The manual: ", h("code", {}, `netsitter explain ${finding.name}`))) : null));
}

function shown(value) {
  if (Array.isArray(value)) return value.slice(0, 8).map(shown).join(", ") + (value.length > 8 ? " …" : "");
  if (value !== null && typeof value === "object") return Object.entries(value).map(([k, v]) => `${visible(k)} ${shown(v)}`).join(", ");
  return typeof value === "number" ? number(value) : value === null ? "–" : visible(value);
}

function unchecked(verdict) {
  const names = Object.entries(verdict.unchecked);
  if (!names.length) return null;
  return h("details", { "data-key": "unchecked" },
    h("summary", {}, `${plural(names.length, "check")} could not be made`),
    h("ul", { class: "columns" }, names.map(([name, why]) => h("li", {}, h("b", {}, words(name)), `: ${visible(why)}`))));
}

function broken(verdict) {
  const names = Object.entries(verdict.broken);
  if (!names.length) return null;
  return h("details", { "data-key": "broken" }, h("summary", {}, `${plural(names.length, "rule")} of ours broke; please report`),
    h("ul", {}, names.map(([name, why]) => h("li", {}, `${words(name)}: ${visible(why)}`))));
}
