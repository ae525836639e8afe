// Ranges and ticks, linear and logarithmic.

import { number } from "./format.js";

const NEAR = 3; // a level farther off than this many heights of the curves would flatten them

/** Places for ticks on a log axis: powers of ten, with 2 and 5 between them where there is room. */
export function decades(low, high) {
  const from = Math.floor(Math.log10(low));
  const span = Math.log10(high) - Math.log10(low);
  const digits = span < 3 ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil(span / 6));
  const ticks = [];
  for (let power = from; power <= Math.log10(high); power += stride) {
    for (const digit of digits) ticks.push(digit * 10 ** power);
  }
  return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
}

/** Distances between ticks on a linear axis; uPlot's own table ends at 10^16, a loss that explodes does not. */
export function increments(u, axis, low, high) {
  const unit = 10 ** Math.floor(Math.log10(high - low || 1));
  return [0.01, 0.1, 1].flatMap((tenth) => [1, 2, 5].map((digit) => digit * tenth * unit));
}

/** A tick's label, which must be narrow. */
export function brief(tick) {
  return Math.abs(tick) >= 1e5 ? number(tick, 3, 1e5) : number(tick, 3);
}

export function finiteRange(lines) {
  const range = { low: Infinity, high: -Infinity, positive: 0 };
  for (const { values } of lines) {
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      if (value < range.low) range.low = value;
      if (value > range.high) range.high = value;
      if (value > 0) range.positive += 1;
    }
  }
  return range;
}

export function isNear(value, { low, high }, isLog) {
  if (!Number.isFinite(value) || (isLog && value <= 0)) return false;
  if (isLog) return value < high * 100 && value > low / 100;
  const room = NEAR * (high - low || 1);
  return value < high + room && value > low - room;
}
