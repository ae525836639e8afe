// What is drawn on a chart by hand: lines, words, badges, triangles.

import { colour } from "./dom.js";
import { short } from "./format.js";

export function stroke(ctx, style, dash, width, points) {
  ctx.beginPath();
  ctx.strokeStyle = style;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.stroke();
  ctx.setLineDash([]);
}

export function write(ctx, text, x, y, style, align) {
  ctx.textAlign = align;
  ctx.lineWidth = 3 * devicePixelRatio;
  ctx.strokeStyle = colour("card");
  ctx.strokeText(short(text, 40), x, y);
  ctx.fillStyle = style;
  ctx.fillText(short(text, 40), x, y);
}

export function badge(ctx, text, x, y, style, unit) {
  ctx.beginPath();
  ctx.fillStyle = style;
  ctx.arc(x, y, 8 * unit, 0, 2 * Math.PI);
  ctx.fill();
  ctx.fillStyle = colour("card");
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(text, x, y);
  ctx.textBaseline = "alphabetic";
}

export function triangle(ctx, x, y, style, unit) {
  ctx.beginPath();
  ctx.fillStyle = style;
  ctx.moveTo(x, y - 9 * unit);
  ctx.lineTo(x - 5 * unit, y);
  ctx.lineTo(x + 5 * unit, y);
  ctx.fill();
}
