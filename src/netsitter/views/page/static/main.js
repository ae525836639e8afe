// Which view is shown, and when it is drawn again.

import { Connection } from "./connection.js";
import { ListView } from "./list.js";
import { RunView } from "./run.js";
import { Store } from "./store.js";

const store = new Store();
const content = document.getElementById("content");
const status = document.getElementById("connection");
const MOST = 12; // runs compared at once
const REST = 100; // times as long as drawing took
const LONGEST_REST = 4_000; // ms

const list = new ListView(store); // kept, with what was searched and chosen
let view = null;
let shown = null;
let isDirty = false;
let restUntil = 0;

const connection = new Connection(
  (kind, data) => {
    store.take(kind, data);
    draw();
  },
  (state, text) => {
    status.dataset.state = state;
    status.textContent = text;
  },
);

/** `#/a+b` shows and compares the runs a and b; anything else is the list. */
const route = () => (location.hash.match(/^#\/([0-9a-f+]+)$/)?.[1] ?? "").split("+").filter(Boolean).slice(0, MOST);

function go() {
  const ids = route();
  if (shown !== null && ids.join("+") === shown) return;
  const isFirst = shown === null;
  shown = ids.join("+");
  store.keepOnly(ids);
  view?.end?.();
  view = ids.length ? new RunView(store, ids, (numbers) => connection.show(ids, numbers)) : list;
  content.replaceChildren(view.element);
  connection.show(ids, []);
  if (!isFirst) content.focus();
  window.scrollTo(0, 0);
  drawNow();
}

/** Draw soon, but rest a hundred times as long as it takes: a training may need the processor. */
function draw() {
  if (isDirty) return;
  isDirty = true;
  setTimeout(() => requestAnimationFrame(drawNow), Math.max(0, restUntil - performance.now()));
}

function drawNow() {
  isDirty = false;
  const started = performance.now();
  openTheOnlyRun();
  view.update();
  if (document.title !== view.title) document.title = view.title;
  const ended = performance.now();
  restUntil = ended + Math.min(LONGEST_REST, REST * (ended - started));
}

/** Where there is one run to see, the list would only be in the way. */
let hasOpened = false;
function openTheOnlyRun() {
  if (hasOpened || !store.isListed) return;
  hasOpened = true;
  const tops = [...store.cards.values()].filter((card) => !store.cards.has(card.parent));
  if (shown === "" && tops.length === 1) location.replace(`#/${tops[0].id}`);
}

window.addEventListener("hashchange", go);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  view.recolour?.();
  draw();
});
setInterval(draw, 10_000); // what was "now" is "10 s ago"
document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the part behind # names a view
  content.focus();
});
go();
