// Elements by hand. Text only ever goes in as text: nothing a run is called can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. `props`: attributes; `on*` are listeners; null, false and undefined leave one out. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Call `draw` and put what it returns into `element`, but only when `data` is not what it was. */
export function renew(element, data, draw) {
  const signature = JSON.stringify(data);
  if (element.signature === signature) return;
  element.signature = signature;
  const focused = document.activeElement;
  const key = element.contains(focused) ? focused.dataset.key : null;
  const open = new Set([...element.querySelectorAll("details[open][data-key]")].map((d) => d.dataset.key));
  element.replaceChildren(...[draw()].flat(2).filter(Boolean));
  for (const details of element.querySelectorAll("details[data-key]")) {
    if (open.has(details.dataset.key)) details.open = true;
  }
  if (key) [...element.querySelectorAll("[data-key]")].find((e) => e.dataset.key === key)?.focus();
}

/** A colour of the style sheet. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
