// A line for each thing that happens, for who listens in place of looking. Never more than a few a second.

import { clock, duration, element } from "./dom.js";

const LINES = 200;
const EVERY = 1000; // ms between two batches of lines
const BATCH = 5; // lines; beyond that, how many there were

export class Log {
  constructor(place) {
    this.place = place;
    this.waiting = [];
    this.done = new Set();
    this.timer = null;
  }

  add(event) {
    const words = this.#words(event);
    if (!words) return;
    this.waiting.push(`${clock(event.at)}  ${words}`);
    this.timer ??= setTimeout(() => this.#flush(), this.place.childElementCount ? EVERY : 0);
  }

  #flush() {
    this.timer = null;
    const lines = this.waiting.splice(0);
    const shown = lines.slice(-BATCH);
    const more = lines.length - shown.length;
    if (more) this.place.append(element("p", {}, `… and ${more} more in that second.`));
    for (const line of shown) this.place.append(element("p", {}, line));
    while (this.place.childElementCount > LINES) this.place.firstElementChild.remove();
    this.place.scrollTop = this.place.scrollHeight;
  }

  #words(event) {
    switch (event.kind) {
      case "request":
        return this.#request(event);
      case "server":
      case "deleted":
      case "note":
        return event.words;
      case "button":
        return `$ ${event.command}`;
      case "thinned":
        return `${event.count} more requests in that second were counted, and not drawn.`;
      case "gone":
        return `${event.count} earlier events are forgotten.`;
      default:
        return null;
    }
  }

  #request(event) {
    if (event.state === "open" || this.done.has(event.id)) return null;
    this.done.add(event.id);
    if (this.done.size > 5000) this.done.clear();
    const name = `${event.method} ${event.path}`;
    if (event.status === null) return `${name}: no answer. ${event.crash ?? ""}`;
    return `${name}: ${event.status} in ${duration(event.ms)}. ${event.crash ?? ""}`;
  }
}
