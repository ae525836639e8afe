// The trainings that a run holds: a recipe's trials, or one after the other in a program.

import { h, renew } from "./dom.js";
import { number, plural, short, visible } from "./format.js";
import { spark, statusPill, verdictTag } from "./list.js";

const SHOWN = 12;
const COMPARED = 5;

export class Trainings {
  constructor() {
    this.element = h("section", { hidden: true });
  }

  /** `cards` of the trainings in the run of this name. */
  update(cards, name) {
    this.element.hidden = cards.length === 0;
    const sorted = [...cards].sort((a, b) => (b.status === "running") - (a.status === "running") || rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
    const shown = sorted.slice(0, SHOWN);
    renew(this.element, [shown.map(({ changed, size, ...card }) => card), cards.length, name], () => [
      h("h2", {}, "Trainings in this run"),
      h("p", { class: "how" }, cards.length > SHOWN ? `The best ${SHOWN} of ${plural(cards.length, "training")}, those that run first. ` : "",
        shown.length > 1 ? h("a", { href: `#/${shown.slice(0, COMPARED).map((card) => card.id).join("+")}`, "data-key": "compare" }, `Compare the first ${Math.min(COMPARED, shown.length)}`) : null),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Trainings" }, h("table", {},
        h("thead", {}, h("tr", {}, ["Training", "Status", "Verdict", "Loss", "Step", "Best validation"].map((title, i) =>
          h("th", { scope: "col", class: i > 3 ? "n" : "" }, title)))),
        h("tbody", {}, shown.map((card) => h("tr", {},
          h("th", { scope: "row" }, h("a", { href: `#/${card.id}`, "data-key": card.id }, short(visible(card.name.replace(`${name}/`, "").replace(/^trials\//, "")), 60))),
          h("td", {}, statusPill(card)), h("td", {}, verdictTag(card.verdict)), h("td", { class: "spark" }, spark(card.spark)),
          h("td", { class: "n" }, number(card.step)), h("td", { class: "n" }, number(card.best)))))))]);
  }
}

const rank = (card) => card.best ?? (typeof card.loss === "number" ? card.loss : Infinity);
