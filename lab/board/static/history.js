// What the board was told, in order, and what was so at any moment of it.

const MOST = 3000; // events of each kind
const REQUESTS = 1500;
const SETTLES = 150; // ms until the rows that a request has written were read

// What the board shows as a state: the last event of each kind at or before a moment.
const STATES = ["server", "pool", "rows", "answer"];
// What has a place of its own on the timeline, beside requests.
const TURNS = ["server", "deleted", "thinned"];

export class History {
  constructor() {
    this.requests = new Map(); // by id, the last that was told of each
    this.moments = []; // requests and turns, in the order in which they began
    this.series = Object.fromEntries(STATES.map((kind) => [kind, []]));
    this.forgotten = 0; // moments
  }

  add(event) {
    if (STATES.includes(event.kind)) this.#keep(this.series[event.kind], event);
    if (event.kind === "request") this.#request(event);
    else if (TURNS.includes(event.kind)) this.#moment({ at: event.at, turn: event });
  }

  // The last event of a kind, or the last that was at a moment.
  state(kind, at = Infinity) {
    const events = this.series[kind];
    for (let place = events.length - 1; place >= 0; place -= 1) {
      if (events[place].at <= at) return events[place];
    }
    return null;
  }

  // When all is over that belongs to a moment: before the next one begins.
  endOf(place) {
    const moment = this.moments[place];
    const next = this.moments[place + 1];
    const request = moment.request && this.requests.get(moment.request);
    const over = request ? endOfRequest(request) : moment.at;
    return Math.max(over, Math.min(over + SETTLES, next ? next.at : Infinity));
  }

  // The requests that were under way together with one, it among them.
  around(id) {
    const all = this.moments.flatMap((m) => (m.request ? [this.requests.get(m.request)] : []));
    const place = all.findIndex((request) => request.id === id);
    let first = place;
    let last = place;
    let begins = all[place].at;
    let ends = endOfRequest(all[place]);
    while (first > 0 && endOfRequest(all[first - 1]) >= begins && last - first < 80) {
      first -= 1;
      begins = Math.min(begins, all[first].at);
      ends = Math.max(ends, endOfRequest(all[first]));
    }
    while (last < all.length - 1 && all[last + 1].at <= ends && last - first < 80) {
      last += 1;
      ends = Math.max(ends, endOfRequest(all[last]));
    }
    return all.slice(first, last + 1).filter((request) => endOfRequest(request) >= begins);
  }

  #request(event) {
    const known = this.requests.has(event.id);
    this.requests.set(event.id, event);
    if (!known) this.#moment({ at: event.at, request: event.id });
  }

  #moment(moment) {
    let place = this.moments.length;
    while (place > 0 && this.moments[place - 1].at > moment.at) place -= 1;
    this.moments.splice(place, 0, moment);
    if (this.moments.length > REQUESTS) {
      const [oldest] = this.moments.splice(0, 1);
      this.requests.delete(oldest.request);
      this.forgotten += 1;
    }
  }

  #keep(events, event) {
    events.push(event);
    if (events.length > MOST) events.splice(0, events.length - MOST);
  }
}

// When a request was over, dependencies and all; now, where it is not.
export function endOfRequest(request) {
  if (request.state === "open") return Date.now();
  return request.at + request.over;
}

// "good", "refused" or "bad", as the status says; "open" where there is none yet.
export function outcome(request) {
  if (request.state === "open" && request.status === null) return "open";
  if (request.status === null || request.status >= 500) return "bad";
  return request.status >= 400 ? "refused" : "good";
}
