// Numbers, times and foreign text as a person reads them.

const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
// Characters that change how the text around them is drawn, directional overrides among them.
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/g;

/** Four significant digits, thousands set apart; a word for what is not finite; a dash for nothing. */
export function number(value, digits = 4, large = 1e9) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "string") return { nan: "NaN", inf: "∞", "-inf": "−∞" }[value] ?? value;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= large)) {
    const [mantissa, exponent] = value.toExponential(Math.max(0, digits - 2)).split("e");
    const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    const power = "10" + [...exponent.replace("+", "")].map((c) => SUPERSCRIPT[c]).join("");
    return (short === "1" ? power : `${short}·${power}`).replace("-", "−");
  }
  if (Number.isInteger(value) || size >= 10000) return Math.round(value).toLocaleString("en").replace("-", "−");
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

/** How long ago a time, in seconds since 1970, was. */
export function ago(time, now = Date.now() / 1000) {
  const seconds = Math.max(0, now - time);
  if (seconds < 5) return "now";
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} days ago`;
}

/** Foreign text with control characters written out. */
export function visible(text) {
  // A pair of surrogates is one honest character; a lone one is not.
  return String(text).replace(/[\ud800-\udbff][\udc00-\udfff]/g, "\u0000$&\u0000").split("\u0000").map((part) =>
    /^[\ud800-\udbff][\udc00-\udfff]$/.test(part) ? part
      : part.replace(CONTROL, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)).join("");
}

/** A name that fits: its beginning and its end. */
export function short(text, longest = 60) {
  const whole = visible(text);
  const half = Math.floor((longest - 1) / 2);
  return whole.length <= longest ? whole : `${whole.slice(0, half)}…${whole.slice(-half)}`;
}

/** `lr-too-high` as words. */
export const words = (name) => visible(name).replaceAll("-", " ");

export const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

/** The first few of some names, the rest counted. */
export function few(names, most = 4) {
  const more = names.length - most;
  return names.slice(0, most).map((name) => short(name)).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
