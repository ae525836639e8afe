// Layers against time: where in the network, and when.

import { colour, h } from "./dom.js";
import { number, short } from "./format.js";

const ROW = 16;
const SHARES = ["dead", "saturated"]; // between 0 and 1, and bad when high; the others span decades

export class LayerMap {
  constructor() {
    this.family = null;
    this.canvas = h("canvas", { tabindex: "0", role: "img", onkeydown: (event) => this.key(event),
      onpointermove: (event) => this.point(event), onpointerleave: () => this.show(null) });
    this.choice = h("select", { id: "family", onchange: () => { this.family = this.choice.value; this.draw(); } });
    this.names = h("div", { class: "layers" });
    this.scale = h("p", { class: "scale quiet" });
    this.said = h("p", { class: "readout", role: "status" });
    this.element = h("section", { hidden: true }, h("h2", {}, "Inside the network"),
      h("p", { class: "how" }, "Each row is a layer, from the input at the top to the output at the bottom; time runs to the right."),
      h("div", { class: "bar" }, h("label", { for: "family" }, "Show"), this.choice),
      h("div", { class: "map" }, this.names, h("div", { class: "grow" }, this.canvas, this.scale)), this.said);
    this.resize = new ResizeObserver(() => this.draw());
    this.resize.observe(this.canvas.parentElement);
  }

  update(maps) {
    if (this.maps === maps) return;
    this.maps = maps;
    this.element.hidden = maps.length === 0;
    if (!maps.some((map) => map.family === this.family)) this.family = maps[0]?.family ?? null;
    this.choice.replaceChildren(...maps.map((map) => h("option", { value: map.family, selected: map.family === this.family }, map.title)));
    this.draw();
  }

  get map() {
    return this.maps?.find((map) => map.family === this.family);
  }

  draw() {
    const { map, canvas } = this;
    if (!map || this.element.hidden) return;
    const unit = devicePixelRatio;
    const width = canvas.parentElement.clientWidth;
    const height = ROW * map.rows.length;
    canvas.width = width * unit;
    canvas.height = height * unit;
    canvas.style.setProperty("height", `${height}px`);
    const shade = shades(map);
    const ctx = canvas.getContext("2d");
    map.cells.forEach((row, y) => {
      let last = null;
      row.forEach((cell, x) => {
        const left = Math.round(x / row.length * canvas.width);
        const right = Math.round((x + 1) / row.length * canvas.width);
        // Numbers are sampled: between two looks the last one stands, paler.
        const isKnown = cell !== null;
        if (isKnown) last = cell;
        if (last === null) return;
        ctx.globalAlpha = isKnown ? 1 : 0.75;
        ctx.fillStyle = shade(last);
        ctx.fillRect(left, y * ROW * unit, right - left, (ROW - 1) * unit);
      });
    });
    this.names.replaceChildren(...map.rows.map((name) => h("span", { title: name }, short(name, 28))));
    this.tell(map);
    this.show(null);
  }

  tell(map) {
    const known = map.cells.flat().filter((cell) => typeof cell === "number");
    const odd = map.cells.flat().filter((cell) => typeof cell === "string").length;
    const ends = known.length ? [Math.min(...known), Math.max(...known)] : [0, 0];
    const bar = h("span", { class: "ramp", "aria-hidden": "true" });
    bar.style.setProperty("--ramp", `linear-gradient(90deg, ${ramp(0)}, ${ramp(0.5)}, ${ramp(1)})`);
    this.scale.replaceChildren(`step ${number(map.steps[0])}`, h("span", { class: "middle" }, number(ends[0], 2), bar,
      number(ends[1], 2), odd ? h("span", { class: "odd" }, " ■ not finite") : ""), `step ${number(map.steps.at(-1))}`);
    const newest = map.cells.map((row) => row.findLast((cell) => cell !== null));
    const finite = newest.map((v) => (typeof v === "number" ? v : NaN));
    const least = finite.indexOf(Math.min(...finite.filter(Number.isFinite)));
    const most = finite.indexOf(Math.max(...finite.filter(Number.isFinite)));
    this.canvas.setAttribute("aria-label", `${map.title} of ${map.rows.length} layers over time` +
      (least < 0 ? ", none finite at the end." : `; at the end lowest in ${short(map.rows[least])}, ${number(newest[least])}, ` +
      `highest in ${short(map.rows[most])}, ${number(newest[most])}.`) + " Arrow keys read out the cells.");
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const { map } = this;
    if (!map) return;
    this.show({ row: Math.floor((event.clientY - box.top) / ROW),
      column: Math.floor((event.clientX - box.left) / box.width * map.steps.length) });
  }

  key(event) {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!move || !this.map) return;
    event.preventDefault();
    const { row, column } = this.at ?? { row: 0, column: 0 };
    const limit = (value, size) => Math.min(Math.max(value, 0), size - 1);
    this.show({ row: limit(row + move[0], this.map.rows.length), column: limit(column + move[1], this.map.steps.length) });
  }

  show(place) {
    this.at = place;
    const { map } = this;
    const cell = place && map?.cells[place.row]?.[place.column];
    this.said.textContent = !place || cell === undefined ? "\u00a0"
      : `${short(map.rows[place.row])}, step ${number(map.steps[place.column])}: ${cell === null ? "not looked at" : number(cell)}`;
  }

  recolour() {
    this.draw();
  }

  end() {
    this.resize.disconnect();
  }
}

/** From a value to a colour. */
function shades(map) {
  const odd = colour("poor");
  if (SHARES.includes(map.family)) return (value) => (typeof value === "string" ? odd : ramp(value));
  const logs = map.cells.flat().filter((v) => typeof v === "number" && v > 0).map(Math.log10).sort((a, b) => a - b);
  // One wild cell must not make all the others look alike.
  const low = logs[Math.floor(logs.length * 0.01)] ?? 0;
  const high = logs[Math.ceil(logs.length * 0.99) - 1] ?? 1;
  return (value) => {
    if (typeof value === "string") return odd;
    if (value <= 0) return ramp(0);
    return ramp(Math.min(1, Math.max(0, (Math.log10(value) - low) / Math.max(high - low, 1))));
  };
}

// Viridis in five stops (van der Walt and Smith 2015): even steps of lightness, told apart by the colour-blind.
const STOPS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function ramp(share) {
  const place = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1);
  const from = STOPS[Math.floor(place)];
  const to = STOPS[Math.ceil(place)];
  const mixed = from.map((c, i) => Math.round(c + (to[i] - c) * (place % 1)));
  return `rgb(${mixed.join(" ")})`;
}
