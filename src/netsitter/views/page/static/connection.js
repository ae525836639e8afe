// The stream of events from the server: opened anew when it breaks, closed while nobody looks.

const HIDDEN = 30_000; // ms after which a page that is not seen stops asking
const AGAIN = 3_000;   // ms before another try when the browser has given up
const KINDS = ["cards", "about", "curves", "verdict", "maps"];

export class Connection {
  /** `take(kind, data)` is called for each event, `say(state, text)` when the connection changes. */
  constructor(take, say) {
    this.take = take;
    this.say = say;
    this.wanted = "";
    this.cursor = "";
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.sleeping);
      if (document.hidden) this.sleeping = setTimeout(() => this.close("paused"), HIDDEN);
      else if (!this.source) this.open();
    });
  }

  /** Ask for these runs, and for these numbers of them beside the usual ones. */
  show(runs, numbers) {
    const query = new URLSearchParams();
    for (const run of runs) query.append("run", run);
    for (const name of numbers) query.append("number", name);
    if (this.source && this.wanted === query.toString()) return;
    this.wanted = query.toString();
    this.cursor = "";
    this.open();
  }

  open() {
    this.close("connecting");
    const cursor = this.cursor ? `&cursor=${encodeURIComponent(this.cursor)}` : "";
    const source = this.source = new EventSource(`events?${this.wanted}${cursor}`);
    source.onopen = () => this.say("live", "live");
    source.onerror = () => {
      if (source !== this.source) return;
      this.say("lost", "connection lost, trying again …");
      if (source.readyState === EventSource.CLOSED) this.ask();
    };
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        if (source !== this.source) return;
        this.cursor = event.lastEventId;
        this.take(kind, JSON.parse(event.data));
      });
    }
  }

  close(state) {
    this.source?.close();
    this.source = null;
    this.say(state, state === "paused" ? "paused while hidden" : "connecting …");
  }

  /** The browser has given up: find out why, and go on. */
  async ask() {
    const answer = await fetch("icon.svg", { cache: "no-store" }).catch(() => null);
    if (answer?.status === 403) {
      this.source = null;
      this.say("lost", "the server was started anew: open the address that it printed");
    } else {
      setTimeout(() => this.open(), AGAIN);
    }
  }
}
