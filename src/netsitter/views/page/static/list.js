// The list of runs: search, filter, sort, and choose some to compare.

import { h, renew, svg } from "./dom.js";
import { ago, number, plural, short, visible, words } from "./format.js";

const COLUMNS = [
  // key, heading, class, what to sort by
  ["name", "Run", "", (card) => card.name.toLowerCase()],
  ["status", "Status", "", (card) => ["running", "unread", "failed", "interrupted", "finished"].indexOf(card.status)],
  ["verdict", "Verdict", "", (card) => severityRank(card)],
  ["spark", "Loss", "spark", null],
  ["step", "Step", "n wide", (card) => card.step ?? -1],
  ["loss", "Last loss", "n", (card) => sortable(card.loss)],
  ["best", "Best validation", "n wide", (card) => sortable(card.best)],
  ["changed", "Changed", "n", (card) => -card.changed],
];
const PAGE = 300; // rows drawn before "show more"

const sortable = (value) => (typeof value === "number" ? value : Infinity);
const severityRank = (card) =>
  card.verdict ? ["fatal", "sick", "odd", "well"].indexOf(card.verdict.worst) - card.verdict.count / 100 : 9;

export class ListView {
  constructor(store) {
    this.store = store;
    this.title = "Runs · netsitter";
    this.sort = "changed";
    this.isDown = false;
    this.chosen = new Set();
    this.open = new Set();
    this.most = PAGE;
    this.rows = new Map();
    this.search = h("input", { type: "search", id: "search", placeholder: "name, verdict, status",
      oninput: () => { this.most = PAGE; this.update(); } });
    this.filter = h("select", { id: "filter", onchange: () => this.update() },
      ["all", "running", "finished", "interrupted", "failed", "with a finding"].map((name) => h("option", {}, name)));
    this.summary = h("p", { class: "quiet", role: "status" });
    this.compare = h("button", { class: "primary", type: "button", disabled: true, onclick: () => {
      location.hash = `#/${[...this.chosen].join("+")}`;
    } }, "Compare");
    this.body = h("tbody");
    this.head = h("tr");
    this.more = h("button", { type: "button", hidden: true, onclick: () => { this.most += PAGE; this.update(); } },
      "Show more");
    this.table = h("table", { class: "runs" }, h("caption", { class: "away" }, "Runs"),
      h("thead", {}, this.head), this.body);
    this.empty = h("p", { class: "empty" });
    this.element = h("div", { class: "list" }, h("h1", {}, "Runs"),
      h("div", { class: "bar" },
        h("label", { for: "search" }, "Search"), this.search,
        h("label", { for: "filter" }, "Show"), this.filter,
        this.compare, this.summary),
      this.table, this.more, this.empty);
    this.drawHead();
  }

  drawHead() {
    this.head.replaceChildren(
      h("th", { scope: "col", class: "pick" }, h("span", { class: "away" }, "Compare")),
      ...COLUMNS.map(([key, title, kind, by]) => h("th", {
        scope: "col", class: kind, "aria-sort": this.sort === key ? (this.isDown ? "descending" : "ascending") : null,
      }, by ? h("button", { type: "button", onclick: () => this.sortBy(key) }, title,
        h("span", { "aria-hidden": "true" }, this.sort === key ? (this.isDown ? " ↓" : " ↑") : "")) : title)));
  }

  sortBy(key) {
    this.isDown = this.sort === key && !this.isDown;
    this.sort = key;
    this.drawHead();
    [...this.head.querySelectorAll("button")].find((b) => b.parentElement.hasAttribute("aria-sort"))?.focus();
    this.update();
  }

  matches(card) {
    const wanted = this.filter.value;
    const isFound = wanted === "with a finding" ? card.verdict?.count > 0 : wanted === "all" || card.status === wanted;
    const text = `${card.name} ${card.status} ${card.verdict?.names.join(" ") ?? ""}`.toLowerCase();
    return isFound && this.search.value.toLowerCase().split(/\s+/).every((word) => text.includes(word));
  }

  update() {
    const { cards } = this.store;
    const by = COLUMNS.find(([key]) => key === this.sort)[3];
    const isTop = (card) => !cards.has(card.parent);
    const sorted = (some) => some.map((card) => [by(card), card])
      .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x.name < y.name ? -1 : 1) * (this.isDown ? -1 : 1))
      .map(([, card]) => card);
    const children = Map.groupBy ? Map.groupBy(cards.values(), (card) => card.parent) : groups(cards.values());
    const found = sorted([...cards.values()].filter((card) => isTop(card) && this.matches(card)));
    const listed = found.slice(0, this.most).flatMap((card) =>
      this.open.has(card.id) ? [card, ...sorted(children.get(card.id) ?? [])] : [card]);
    this.place(listed.map((card) => this.row(card, children.get(card.id)?.length ?? 0, !isTop(card))));
    this.say(found.length, [...cards.values()].filter(isTop));
  }

  /** Put the rows in this order, moving as few as can be, so that the focus stays. */
  place(rows) {
    rows.forEach((row, index) => {
      if (this.body.children[index] !== row) this.body.insertBefore(row, this.body.children[index] ?? null);
    });
    while (this.body.children.length > rows.length) this.body.lastChild.remove();
  }

  say(found, tops) {
    const count = (status) => tops.filter((card) => card.status === status).length;
    const sick = tops.filter((card) => ["fatal", "sick"].includes(card.verdict?.worst)).length;
    const unread = tops.filter((card) => !card.verdict).length;
    this.summary.textContent = [
      found === tops.length ? plural(found, "run") : `${number(found)} of ${plural(tops.length, "run")}`,
      count("running") && `${count("running")} running`,
      sick && `${sick} with something wrong`,
      unread && `${unread} not judged yet`,
    ].filter(Boolean).join(" · ");
    this.more.hidden = found <= this.most;
    this.table.hidden = tops.length === 0;
    this.empty.hidden = found > 0;
    this.empty.textContent = !this.store.isListed ? "Looking for runs …"
      : tops.length ? "No run matches." : "There is no run here yet; one will show as soon as it begins.";
    for (const id of this.chosen) if (!this.store.cards.has(id)) this.chosen.delete(id);
    this.compare.disabled = this.chosen.size < 2;
    this.compare.textContent = this.chosen.size ? `Compare ${this.chosen.size}` : "Compare";
  }

  row(card, trials, isTrial) {
    if (!this.rows.has(card.id)) this.rows.set(card.id, h("tr"));
    const row = this.rows.get(card.id);
    row.className = isTrial ? "trial" : "";
    renew(row, [card, trials, this.open.has(card.id), ago(card.changed)], () => this.cells(card, trials));
    return row;
  }

  cells(card, trials) {
    const name = visible(card.name);
    const pick = h("input", { type: "checkbox", "aria-label": `Compare ${short(name)}`, "data-key": "pick",
      onchange: (event) => {
        this.chosen[event.target.checked ? "add" : "delete"](card.id);
        this.update();
      } });
    pick.checked = this.chosen.has(card.id);
    const more = trials && h("button", { type: "button", class: "fold", "data-key": "fold",
      "aria-expanded": String(this.open.has(card.id)), onclick: () => {
        this.open[this.open.has(card.id) ? "delete" : "add"](card.id);
        this.update();
      } }, plural(trials, "training"));
    return [
      h("td", { class: "pick" }, pick),
      h("th", { scope: "row" }, h("a", { href: `#/${card.id}`, title: name, "data-key": "name" }, short(name, 80)), more || null),
      h("td", {}, statusPill(card)),
      h("td", { class: "verdict-cell" }, verdictTag(card.verdict)),
      h("td", { class: "spark" }, spark(card.spark)),
      h("td", { class: "n wide" }, number(card.step)),
      h("td", { class: "n" }, number(card.loss)),
      h("td", { class: "n wide" }, number(card.best)),
      h("td", { class: "n" }, ago(card.changed)),
    ];
  }
}

function groups(cards) {
  const map = new Map();
  for (const card of cards) map.set(card.parent, [...(map.get(card.parent) ?? []), card]);
  return map;
}

export function statusPill(card) {
  const text = card.status === "unread" ? "…" : card.status;
  return h("span", { class: `pill ${card.status}`, title: card.reason || null }, text);
}

export function verdictTag(verdict) {
  if (!verdict) return h("span", { class: "quiet" }, "not judged yet");
  if (verdict.worst === "well") return h("span", { class: "tag well" }, "nothing wrong");
  const more = verdict.count > 1 ? ` +${verdict.count - 1}` : "";
  return h("span", { class: `tag ${verdict.worst}`, title: verdict.names.map(words).join(", ") },
    words(verdict.names[0]) + more);
}

/** A small curve; the numbers beside it say the same. */
export function spark(values) {
  const known = (values ?? []).filter((value) => value !== null);
  if (known.length < 2) return "";
  const low = Math.min(...known);
  const span = Math.max(...known) - low || 1;
  const points = values.map((value, i) =>
    value === null ? "" : `${(i / (values.length - 1) * 96 + 2).toFixed(1)},${(22 - (value - low) / span * 20).toFixed(1)}`);
  return svg("svg", { viewBox: "0 0 100 24", width: 100, height: 24, "aria-hidden": "true" },
    svg("polyline", { points: points.filter(Boolean).join(" ") }));
}
