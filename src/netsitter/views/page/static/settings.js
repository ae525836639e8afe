// What the runs were set to, and in what they differ.

import { h, renew } from "./dom.js";
import { number, short, visible } from "./format.js";

export class Settings {
  constructor(isCompared) {
    this.isCompared = isCompared;
    this.search = h("input", { type: "search", id: "setting", oninput: () => this.update(this.runs) });
    this.differing = h("input", { type: "checkbox", id: "differing", onchange: () => this.update(this.runs) });
    this.differing.checked = isCompared;
    this.table = h("table", { class: "settings" });
    this.none = h("p", { class: "how" });
    const inside = [
      h("div", { class: "bar" }, h("label", { for: "setting" }, "Search"), this.search,
        isCompared ? h("label", { class: "check" }, this.differing, "only what differs") : null),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Settings" }, this.table), this.none];
    this.element = h("section", {}, isCompared ? [h("h2", {}, "Differences in the settings"), inside]
      : h("details", {}, h("summary", {}, h("h2", {}, "Settings")), inside));
  }

  /** `runs`: `{name, settings}` of each. */
  update(runs) {
    this.runs = runs;
    const keys = [...new Set(runs.flatMap((run) => Object.keys(run.settings)))];
    const text = this.search.value.toLowerCase();
    const rows = keys.map((key) => [key, runs.map((run) => run.settings[key] ?? null)])
      .filter(([key]) => key.toLowerCase().includes(text))
      .filter(([, values]) => !this.differing.checked || values.some((value) => value !== values[0]));
    this.none.textContent = rows.length ? "" : this.differing.checked ? "The runs do not differ in any setting on record." : "Nothing on record.";
    renew(this.table, [rows, runs.map((run) => run.name)], () => [
      h("caption", { class: "away" }, "Settings"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Setting"),
        runs.map((run) => h("th", { scope: "col", title: visible(run.name) }, this.isCompared ? short(run.name, 40) : "Value")))),
      h("tbody", {}, rows.map(([key, values]) => h("tr", {}, h("th", { scope: "row" }, short(key, 60)),
        values.map((value) => h("td", {}, value === null ? "–" : typeof value === "number" ? number(value) : visible(value)))))),
    ]);
  }
}
