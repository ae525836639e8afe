// What this page knows: the cards of all runs, and the numbers of those it shows. Fed by events.

export class Store {
  constructor() {
    this.cards = new Map();
    this.isListed = false;
    this.runs = new Map();
  }

  run(id) {
    if (!this.runs.has(id)) {
      this.runs.set(id, { id, about: null, verdict: null, maps: [], curves: new Map(), version: 0 });
    }
    return this.runs.get(id);
  }

  keepOnly(ids) {
    for (const id of this.runs.keys()) if (!ids.includes(id)) this.runs.delete(id);
  }

  /** Take in one event of the stream. */
  take(kind, data) {
    if (kind === "cards") {
      this.isListed = true;
      for (const card of data.cards) this.cards.set(card.id, card);
      for (const id of data.gone) this.cards.delete(id);
      if (this.cards.size > data.total) {
        const listed = new Set(data.cards.map((card) => card.id));
        for (const id of this.cards.keys()) if (!listed.has(id)) this.cards.delete(id);
      }
      return;
    }
    const run = this.run(data.id);
    run.version += 1;
    if (kind === "about") run.about = data;
    if (kind === "verdict") run.verdict = data;
    if (kind === "maps") run.maps = data.maps;
    if (kind === "curves") for (const [name, part] of Object.entries(data.curves)) takeCurve(run.curves, name, part);
  }

  trialsOf(id) {
    return [...this.cards.values()].filter((card) => card.parent === id);
  }
}

function takeCurve(curves, name, part) {
  const old = curves.get(name);
  if (!part.more || !old) {
    curves.set(name, { steps: part.steps, values: part.values });
    return;
  }
  for (const step of part.steps) old.steps.push(step);
  for (const value of part.values) old.values.push(value);
}
