// One chart of curves over steps: uPlot for drawing, our own legend, marks, levels and keys.

import { brief, decades, finiteRange, increments, isNear } from "./axis.js";
import { colour, h } from "./dom.js";
import { number, short } from "./format.js";
import { badge, stroke, triangle, write } from "./ink.js";

const HEIGHT = 260;
const SPREAD = 200; // largest over smallest value from which on a log axis shows more
const FONT = '12px system-ui, "Segoe UI", sans-serif';

export class Chart {
  /** `log`: "auto", true or false. */
  constructor(title, { log = "auto" } = {}) {
    this.title = title;
    this.log = log;
    this.off = new Set();
    this.isZoomed = false;
    this.toggle = h("button", { type: "button", class: "small", "aria-pressed": "false", onclick: () => {
      this.log = !this.isLog;
      this.update(this.content);
    } }, "log scale");
    this.reset = h("button", { type: "button", class: "small", hidden: true, onclick: () => {
      this.isZoomed = false;
      this.update(this.content);
    } }, "whole run");
    this.plot = h("div", { class: "plot", tabindex: "0", role: "img", onkeydown: (event) => this.key(event) });
    this.legend = h("ul", { class: "legend" });
    this.said = h("p", { class: "away", "aria-live": "polite" });
    this.note = h("p", { class: "quiet" });
    this.element = h("figure", { class: "chart" },
      h("figcaption", {}, h("h3", {}, title), h("span", { class: "tools" }, this.reset, this.toggle)),
      this.legend, this.plot, this.note, this.said);
    this.resize = new ResizeObserver(() => this.u?.setSize({ width: this.width(), height: HEIGHT }));
    this.resize.observe(this.plot);
  }

  width() {
    return Math.max(200, Math.floor(this.plot.clientWidth));
  }

  /**
   * Draw. `curves`: `{label, steps, values, colour, dash, width, isFaint}`; `levels`: `{label, value, colour}`,
   * drawn across; `marks`: `{step, text, colour}`, drawn upright; `smoothing`: 0 for none, towards 1 for much.
   */
  update(content) {
    this.content = content;
    const curves = content.curves.filter((curve) => curve.steps.length);
    this.element.hidden = curves.length === 0;
    if (!curves.length) return;
    const lines = curves.filter((curve) => !this.off.has(curve.label)).flatMap((c) => smoothed(c, content.smoothing));
    const range = finiteRange(lines);
    const canLog = range.positive > 0;
    this.isLog = canLog && (this.log === "auto" ? range.low > 0 && range.high / range.low > SPREAD : this.log);
    this.toggle.hidden = !canLog;
    this.toggle.setAttribute("aria-pressed", String(this.isLog));
    this.drawLegend(curves, content.levels ?? []);
    this.odd = lines.flatMap((line) => line.isFaint ? [] : oddPoints(line));
    this.levels = (content.levels ?? []).filter(({ value }) => isNear(value, range, this.isLog));
    this.marks = content.marks ?? [];
    this.range = range;
    const hidden = this.isLog && range.low <= 0;
    this.note.textContent = [this.marks.length && "Numbered lines stand where a finding began.",
      hidden && "Values of 0 and less have no place on a log scale.",
      this.odd.length && `▲ marks where the value was not finite, first at step ${number(this.odd[0].step)}.`,
    ].filter(Boolean).join(" ");
    this.describe(curves);
    this.draw(lines);
  }

  draw(lines) {
    const data = uPlot.join(lines.length
      ? lines.map((line) => table(line, this.isLog)) : [[[0], [null]]]);
    const shape = JSON.stringify([this.isLog, lines.map((l) => [l.label, l.colour, l.dash, l.width, l.isFaint])]);
    if (this.u && shape === this.shape) {
      this.u.setData(data, !this.isZoomed);
      if (this.isZoomed) this.u.redraw();
      this.reset.hidden = !this.isZoomed;
      return;
    }
    this.shape = shape;
    this.u?.destroy();
    this.isZoomed = false;
    this.reset.hidden = true;
    this.lines = lines;
    this.u = new uPlot(this.options(lines), data, this.plot);
  }

  options(lines) {
    const soft = colour("soft");
    const axis = { stroke: soft, font: FONT, grid: { stroke: colour("faint"), width: 1 }, ticks: { show: false } };
    return {
      width: this.width(),
      height: HEIGHT,
      padding: [18, 14, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: "netsitter" }, drag: { x: true, y: false, dist: 8 }, y: false },
      scales: { x: { time: false }, y: { distr: this.isLog ? 3 : 1, range: (u, low, high) => this.yRange(low, high) } },
      axes: [
        { ...axis, values: (u, ticks) => ticks.map((tick) => number(tick)), space: 70, size: 32 },
        { ...axis, values: (u, ticks) => ticks.map(brief), size: 66, incrs: increments,
          ...(this.isLog ? { splits: (u, i, low, high) => decades(low, high), filter: (u, ticks) => ticks } : {}) },
      ],
      series: [{}, ...lines.map((line) => ({
        label: "",
        stroke: line.colour,
        width: line.width ?? 2,
        dash: line.dash,
        alpha: line.isFaint ? 0.28 : 1,
        spanGaps: false,
        points: { show: line.steps.length < 3, size: 7 },
      }))],
      hooks: {
        draw: [(u) => this.decorate(u)],
        setCursor: [(u) => this.readOut(u)],
        setSelect: [(u) => { this.isZoomed ||= u.select.width > 0; this.reset.hidden = !this.isZoomed; }],
      },
    };
  }

  /** Room for the curves and for the levels that lie near them. */
  yRange(low, high) {
    const values = [low, high, ...this.levels.map(({ value }) => value)].filter((v) => v !== null && Number.isFinite(v));
    if (!values.length) return this.isLog ? [0.1, 1] : [0, 1];
    const [least, most] = [Math.min(...values), Math.max(...values)];
    if (this.isLog) {
      const room = Math.max((Math.log10(most) - Math.log10(least)) * 0.06, 0.1);
      return [10 ** (Math.log10(least) - room), Math.min(10 ** (Math.log10(most) + room), Number.MAX_VALUE)];
    }
    const room = (most - least || Math.abs(most) || 1) * 0.06;
    return [least - room, most + room];
  }

  /** Levels across, marks upright, and a triangle where a value was not finite. */
  decorate(u) {
    const { ctx } = u;
    const { left, top, width, height } = u.bbox;
    const unit = devicePixelRatio;
    ctx.save();
    ctx.font = `${12 * unit}px system-ui, sans-serif`;
    ctx.textBaseline = "alphabetic";
    let lastLabel = Infinity;
    for (const level of [...this.levels].sort((a, b) => a.value - b.value)) {
      const y = u.valToPos(level.value, "y", true);
      if (!(y >= top && y <= top + height)) continue;
      stroke(ctx, level.colour, [4 * unit, 4 * unit], unit, [[left, y], [left + width, y]]);
      // From the bottom up, no label over another.
      lastLabel = Math.min(y - 4 * unit, lastLabel - 14 * unit);
      write(ctx, level.label, left + width - 4 * unit, lastLabel, level.colour, "right");
    }
    for (const mark of this.marks) {
      const x = u.valToPos(mark.step, "x", true);
      if (!(x >= left - 1 && x <= left + width + 1)) continue;
      stroke(ctx, mark.colour, [2 * unit, 3 * unit], 1.5 * unit, [[x, top], [x, top + height]]);
      badge(ctx, mark.text, Math.max(x, left + 9 * unit), top - 8 * unit, mark.colour, unit);
    }
    const seen = new Set();
    for (const point of this.odd) {
      const x = Math.round(u.valToPos(point.step, "x", true));
      if (!(x >= left - 1 && x <= left + width + 1) || seen.has(x)) continue;
      seen.add(x);
      triangle(ctx, x, top + height - 2 * unit, point.colour, unit);
    }
    ctx.restore();
  }

  drawLegend(curves, levels) {
    const key = JSON.stringify([curves.map((c) => [c.label, c.colour, c.dash]), levels.map((l) => l.label), [...this.off]]);
    if (this.legendKey === key) return this.readOut(this.u);
    this.legendKey = key;
    this.values = new Map();
    this.legend.replaceChildren(...curves.map((curve) => {
      const value = h("b", {});
      this.values.set(curve.label, value);
      const swatch = h("i", { class: curve.dash ? "dashed" : "" });
      swatch.style.setProperty("--own-colour", curve.colour);
      return h("li", {}, h("button", { type: "button", "aria-pressed": String(!this.off.has(curve.label)),
        title: "Show or hide this curve", onclick: (event) => {
          this.off[this.off.has(curve.label) ? "delete" : "add"](curve.label);
          const index = [...this.legend.querySelectorAll("button")].indexOf(event.currentTarget);
          this.update(this.content);
          this.legend.querySelectorAll("button")[index]?.focus();
        } }, swatch, short(curve.label, 70)), value);
    }));
    this.readOut(this.u);
  }

  /** Beside each name, its value under the cursor, or the newest. */
  readOut(u) {
    if (!this.content || !this.values) return;
    const index = u?.cursor?.idx;
    const step = index === null || index === undefined ? Infinity : u.data[0][index];
    for (const curve of this.content.curves) {
      const cell = this.values.get(curve.label);
      if (cell) cell.textContent = curve.steps.length ? number(at(curve, step)) : "";
    }
  }

  key(event) {
    const { u } = this;
    if (!u || !["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const steps = u.data[0];
    const stride = event.shiftKey ? Math.max(1, Math.round(steps.length / 20)) : 1;
    const now = u.cursor.idx ?? (event.key === "ArrowRight" ? -1 : steps.length);
    const next = { ArrowLeft: now - stride, ArrowRight: now + stride, Home: 0, End: steps.length - 1 }[event.key];
    const step = steps[Math.min(Math.max(next, 0), steps.length - 1)];
    u.setCursor({ left: u.valToPos(step, "x"), top: 10 });
    this.said.textContent = `step ${number(step)}: ` + this.content.curves.filter((c) => c.steps.length)
      .map((curve) => `${short(curve.label)} ${number(at(curve, step))}`).join(", ");
  }

  describe(curves) {
    const parts = curves.slice(0, 8).map((c) =>
      `${short(c.label)} from ${number(c.values[0])} to ${number(c.values.at(-1))}`);
    this.plot.setAttribute("aria-label",
      `${this.title}, steps ${number(curves[0].steps[0])} to ${number(curves[0].steps.at(-1))}: ${parts.join("; ")}. ` +
      "Arrow keys read out the values.");
  }

  recolour() {
    this.shape = null;
    this.legendKey = null;
  }

  end() {
    this.resize.disconnect();
    this.u?.destroy();
  }
}

/** uPlot's table of one line; null makes a gap. */
function table(line, isLog) {
  const values = line.values.map((v) => (Number.isFinite(v) && (!isLog || v > 0) ? v : null));
  return inOrder(line.steps, values);
}

/** By step, the last of several values at one step: a run that was taken up again repeats some. */
function inOrder(steps, values) {
  let isOrdered = true;
  for (let i = 1; i < steps.length && isOrdered; i++) isOrdered = steps[i] > steps[i - 1];
  if (isOrdered) return [steps, values];
  const byStep = new Map(steps.map((step, i) => [step, values[i]]));
  const sorted = [...byStep].sort(([a], [b]) => a - b);
  return [sorted.map(([step]) => step), sorted.map(([, value]) => value)];
}

/** The curve, and where it is to be smoothed an exponential mean over it, corrected for its start. */
function smoothed(curve, smoothing) {
  if (!smoothing || curve.isFaint || curve.values.length < 3) return [curve];
  let mean = 0;
  let weight = 0;
  const values = curve.values.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = smoothing * mean + (1 - smoothing) * value;
    weight = smoothing * weight + (1 - smoothing);
    return mean / weight;
  });
  return [{ ...curve, isFaint: true, width: 1 }, { ...curve, values }];
}

function oddPoints(line) {
  const odd = [];
  line.values.forEach((value, i) => {
    if (!Number.isFinite(value)) odd.push({ step: line.steps[i], colour: colour("poor") });
  });
  return odd;
}

/** The value at a step, or the newest before it. */
function at(curve, step) {
  let i = curve.steps.length - 1;
  while (i > 0 && curve.steps[i] > step) i -= 1;
  return curve.values[i];
}
