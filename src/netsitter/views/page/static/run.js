// One run, or several compared: the verdict first, then the curves, the layers, the settings.

import { Chart } from "./chart.js";
import { colour, h, renew } from "./dom.js";
import { told, verdictSection, worst } from "./findings.js";
import { ago, number, short, visible, words } from "./format.js";
import { statusPill, verdictTag } from "./list.js";
import { LayerMap } from "./map.js";
import { Settings } from "./settings.js";
import { Trainings } from "./trainings.js";

const LOSSES = [
  ["loss", "training", "train"],
  ["val/loss", "validation", "validation"],
  ["val2/loss", "second held-out set", "c3"],
  ["train_eval/loss", "training rows, evaluated", "c4"],
];
const EXPECTED = ["init/loss_expected", "init/expected_loss"];

export class RunView {
  /** `ask(numbers)` asks the server for more numbers of these runs. */
  constructor(store, ids, ask) {
    Object.assign(this, { store, ids, ask });
    this.isCompared = ids.length > 1;
    this.extra = [];
    this.charts = new Map();
    this.smoothing = h("input", { type: "range", id: "smoothing", min: 0, max: 0.98, step: 0.02, value: 0,
      oninput: () => this.update() });
    this.smoothed = h("output", { for: "smoothing" }, "off");
    this.head = h("div", { class: "head" });
    this.verdict = h("section", { class: "verdict", "aria-label": "Verdict" });
    this.curves = h("div", { class: "charts" });
    this.map = this.isCompared ? null : new LayerMap();
    this.settings = new Settings(this.isCompared);
    this.notes = h("section", { hidden: true });
    this.trainings = new Trainings();
    this.names = h("datalist", { id: "names" });
    this.wanted = h("input", { list: "names", id: "wanted", placeholder: "weight_norm", autocomplete: "off",
      onkeydown: (event) => event.key === "Enter" && this.drawMore() });
    this.element = h("div", { class: "run" }, this.head, this.verdict,
      h("section", {}, h("div", { class: "bar spread" }, h("h2", {}, "Curves"),
        h("span", { class: "check" }, h("label", { for: "smoothing" }, "Smoothing"), this.smoothing, this.smoothed)),
      this.curves,
      h("div", { class: "bar" }, h("label", { for: "wanted" }, "Draw another number"), this.wanted, this.names,
        h("button", { type: "button", onclick: () => this.drawMore() }, "Draw"))),
      this.map?.element, this.trainings.element, this.notes, this.settings.element);
  }

  get title() {
    const names = this.ids.map((id) => this.store.cards.get(id)?.name ?? "run");
    return `${short(names.join(" · "), 70)} · netsitter`;
  }

  drawMore() {
    const name = this.wanted.value;
    const known = this.ids.some((id) => this.store.runs.get(id)?.about?.names.includes(name));
    this.wanted.setCustomValidity(known ? "" : "No run here has a number of this name.");
    if (!known) return this.wanted.reportValidity();
    this.wanted.value = "";
    if (!this.extra.includes(name)) this.extra.push(name);
    this.ask(this.extra);
    this.update();
  }

  update() {
    const runs = this.ids.map((id) => this.store.run(id));
    const cards = this.ids.map((id) => this.store.cards.get(id));
    renew(this.head, [cards.map((card) => card && { ...card, changed: ago(card.changed) }), this.store.isListed], () => this.header(cards));
    this.verdict.className = `verdict ${this.isCompared ? "" : runs[0].verdict ? worst(runs[0].verdict) : ""}`;
    renew(this.verdict, [runs.map((run) => [run.verdict, run.about?.read, run.about?.sampled]), cards.map((card) => card?.status), this.ids.map((id) => colour(this.tint(id)))],
      () => (this.isCompared ? this.comparison(cards, runs) : verdictSection(cards[0], runs[0])));
    this.smoothed.textContent = Number(this.smoothing.value) ? number(Number(this.smoothing.value)) : "off";
    this.panels(runs).forEach((panel) => this.drawPanel(panel));
    this.map?.update(runs[0].maps);
    this.settings.update(runs.map((run, i) => ({ name: cards[i]?.name ?? "gone", settings: run.about?.settings ?? {} })));
    if (!this.isCompared) this.trainings.update(this.store.trialsOf(this.ids[0]), cards[0]?.name ?? "");
    this.drawNotes(runs[0].about);
    const names = [...new Set(runs.flatMap((run) => run.about?.names ?? []))];
    renew(this.names, names, () => names.map((name) => h("option", { value: name })));
  }

  header(cards) {
    const [card] = cards;
    const back = h("p", { class: "back" }, h("a", { href: "#/list", "data-key": "back" }, "← all runs"));
    if (this.isCompared) return [back, h("h1", {}, `${cards.length} runs compared`)];
    if (!card) return [back, h("h1", {}, this.store.isListed ? "This run is not here (any more)." : "Looking for the run …")];
    return [
      back,
      h("h1", {}, visible(card.name)),
      h("p", { class: "facts" }, statusPill(card), h("span", {}, `step ${number(card.step)}`), h("span", {}, `changed ${ago(card.changed)}`),
        card.reason ? h("span", {}, visible(card.reason)) : null),
    ];
  }

  tint(id) {
    return `c${this.ids.indexOf(id) % 8 + 1}`;
  }

  comparison(cards, runs) {
    return [h("h2", {}, "Verdicts"), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Verdicts" }, h("table", {},
      h("thead", {}, h("tr", {}, ["Run", "Status", "Verdict", "Last loss", "Best validation"].map((title, i) =>
        h("th", { scope: "col", class: i > 2 ? "n" : "" }, title)))),
      h("tbody", {}, cards.map((card, i) => {
        const swatch = h("i", { class: "swatch" });
        swatch.style.setProperty("--own-colour", colour(this.tint(this.ids[i])));
        return h("tr", {}, h("th", { scope: "row" }, swatch, h("a", { href: `#/${this.ids[i]}` }, short(card?.name ?? "gone", 60))),
          h("td", {}, card ? statusPill(card) : ""), h("td", {}, verdictTag(card?.verdict), " ",
            h("span", { class: "quiet" }, told(runs[i].verdict).slice(1, 4).map((finding) => words(finding.name)).join(", "))),
          h("td", { class: "n" }, number(card?.loss)), h("td", { class: "n" }, number(card?.best)));
      }))))];
  }

  // ---- what is drawn

  /** The charts there are: `{key, title, log, curves, levels, marks}`. */
  panels(runs) {
    const names = [...new Set(runs.flatMap((run) => [...run.curves.keys()]))];
    const metrics = [...new Set(names.map((name) => name.match(/^(?:val\/)?metric\/(.+)$/)?.[1]).filter(Boolean))];
    return [
      { key: "loss", title: "Loss", curves: runs.flatMap((run) => this.losses(run)), levels: this.isCompared ? [] : expected(runs[0]), marks: this.marks(runs) },
      ...metrics.map((metric) => ({ key: `metric ${metric}`, title: short(metric, 50).replaceAll("_", " "),
        curves: runs.flatMap((run) => this.pair(run, `metric/${metric}`)), levels: baselines(runs, metric) })),
      { key: "lr", title: "Learning rate", log: false, curves: this.family(runs, "lr/") },
      { key: "grad", title: "Gradient norm", curves: this.family(runs, "grad_norm"), marks: this.marks(runs) },
      ...this.extra.map((name) => ({ key: `extra ${name}`, title: short(name, 60),
        curves: runs.flatMap((run) => this.curve(run, name, name, "c1")) })),
    ];
  }

  drawPanel({ key, title, log, curves, levels, marks }) {
    if (!this.charts.has(key)) {
      if (!curves.some((curve) => curve.steps.length)) return;
      const chart = new Chart(title, { log: log ?? "auto" });
      this.charts.set(key, chart);
      this.curves.append(chart.element);
    }
    const chart = this.charts.get(key);
    // Drawing costs the most here: only what has changed, for a training may need the processor.
    const smoothing = Number(this.smoothing.value);
    const state = JSON.stringify([smoothing, levels, marks, curves.map((c) => [c.label, c.colour, c.steps.length, c.steps.at(-1), c.values.at(-1)])]);
    if (chart.state === state) return;
    chart.state = state;
    chart.update({ curves, levels, marks, smoothing });
  }

  /** A curve of one run, in the run's own colour where several are compared. */
  curve(run, name, label, tone, more = {}) {
    const curve = run.curves.get(name);
    if (!curve) return [];
    const numbers = curve.numbers?.length === curve.values.length && curve.numbers.of === curve.values ? curve.numbers : asNumbers(curve);
    const whose = this.isCompared ? `${short(this.store.cards.get(run.id)?.name ?? "", 40)}${label ? ` · ${label}` : ""}` : label;
    return [{ label: whose, steps: curve.steps, values: numbers, colour: colour(this.isCompared ? this.tint(run.id) : tone), ...more }];
  }

  losses(run) {
    const hasValidation = run.curves.has("val/loss");
    return LOSSES.flatMap(([name, label, tone]) => {
      if (this.isCompared && !["loss", "val/loss"].includes(name)) return [];
      const isMain = name === "val/loss" || !hasValidation;
      const style = this.isCompared ? { width: isMain ? 2 : 1, dash: isMain ? undefined : [4, 3] } : { width: name === "loss" && hasValidation ? 1.4 : 2 };
      return this.curve(run, name, label, tone, style);
    });
  }

  pair(run, name) {
    return [...this.curve(run, name, "training batches", "train", { width: 1.4, dash: this.isCompared ? [4, 3] : undefined }),
      ...this.curve(run, `val/${name}`, "validation", "validation")];
  }

  family(runs, prefix) {
    return runs.flatMap((run) => [...run.curves.keys()]
      .filter((name) => name.startsWith(prefix) && (prefix.endsWith("/") || !name.includes("/")))
      .flatMap((name, i) => this.curve(run, name, label(name), `c${i % 8 + 1}`)));
  }

  marks(runs) {
    if (this.isCompared) return [];
    return told(runs[0].verdict).map((finding, i) => ({ step: finding.since, text: String(i + 1), colour: colour(finding.severity === "odd" ? "fair" : "poor") }))
      .filter((mark) => mark.step !== null);
  }

  drawNotes(about) {
    const notes = [...(about?.notes ?? []), ...(about?.treatments ?? [])].filter((note) => note.text || note.name || note.remedy);
    this.notes.hidden = this.isCompared || !notes.length;
    renew(this.notes, notes, () => [h("h2", {}, "What was decided"), h("dl", { class: "notes" }, notes.flatMap((note) =>
      [h("dt", {}, visible(note.stage ?? note.name ?? note.remedy ?? "")), h("dd", {}, visible(note.text ?? note.outcome ?? ""))]))]);
  }

  recolour() {
    for (const chart of this.charts.values()) {
      chart.recolour();
      chart.state = null;
    }
    this.map?.recolour();
  }

  end() {
    for (const chart of this.charts.values()) chart.end();
    this.map?.end();
  }
}

const label = (name) => ({ grad_norm: "before clipping", grad_norm_stepped: "as used" })[name] ?? name.replace(/^lr\//, "group ");

/** Numbers of a curve; the words for what is not finite become that. Kept with it, and gone on with. */
function asNumbers(curve) {
  const WORDS = { nan: NaN, inf: Infinity, "-inf": -Infinity };
  const old = curve.numbers?.of === curve.values ? curve.numbers : [];
  for (let i = old.length; i < curve.values.length; i++) old.push(typeof curve.values[i] === "string" ? WORDS[curve.values[i]] : curve.values[i]);
  old.of = curve.values;
  curve.numbers = old;
  return old;
}

function expected(run) {
  const value = EXPECTED.map((name) => run.curves.get(name)?.values[0]).find((v) => typeof v === "number");
  return value === undefined ? [] : [{ label: "expected before training", value, colour: colour("theory") }];
}

/** Where the metric is the one that baselines were scored by: a level for each. */
function baselines(runs, metric) {
  const levels = new Map();
  for (const run of runs) {
    if (run.about?.settings["metric.name"] !== metric) continue;
    for (const [name, curve] of run.curves) {
      if (name.startsWith("baseline/")) levels.set(name, { label: name.slice(9), value: curve.values.at(-1), colour: colour("soft") });
    }
  }
  return [...levels.values()].filter(({ value }) => typeof value === "number");
}
