// All that has happened, one bar a request, and where the process ended: the way back in time.

import { svg } from "./dom.js";
import { outcome } from "./history.js";

const SHOWN = 400; // moments
const WIDEST = 14; // pixels
const ROOM = 32; // pixels that a word needs
const MARKS = { running: "start", stopped: "stop", killed: "kill", down: "down", deleted: "rm" };

export class Timeline {
  constructor(place) {
    this.place = place;
    this.picture = svg("svg", { "aria-hidden": "true" });
    this.ends = []; // where each moment that is drawn ends, in pixels
    this.first = 0;
    place.append(this.picture);
  }

  // Draw the last moments; `chosen` is the place of the one that is shown, null for live.
  draw(history, chosen) {
    const { width, height } = this.place.getBoundingClientRect();
    this.first = Math.max(0, history.moments.length - SHOWN);
    const moments = history.moments.slice(this.first);
    const units = moments.reduce((sum, moment) => sum + wideOf(moment), 0);
    const unit = Math.min(WIDEST, width / Math.max(units, 1));
    const parts = [];
    let x = 0;
    this.ends = moments.map((moment, index) => {
      const wide = unit * wideOf(moment);
      if (this.first + index === chosen) {
        parts.push(svg("rect", { class: "now", x, y: 0, width: wide, height }));
      }
      parts.push(...drawn(moment, history, x, wide, height));
      x += wide;
      return x;
    });
    this.picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.picture.setAttribute("width", width);
    this.picture.setAttribute("height", height);
    this.picture.replaceChildren(...parts);
  }

  // Which moment lies under a place of the screen.
  at(clientX) {
    const x = clientX - this.place.getBoundingClientRect().left;
    const found = this.ends.findIndex((end) => end > x);
    return this.first + (found < 0 ? this.ends.length - 1 : found);
  }
}

// A turn has a word above it, and so more room.
function wideOf(moment) {
  return moment.turn ? 3 : 1;
}

function drawn(moment, history, x, wide, height) {
  if (moment.turn) return turn(moment.turn, x, wide, height);
  return bar(history.requests.get(moment.request), x, wide, height);
}

// How long a request took is its height: ten times as long, one step higher.
function bar(request, x, wide, height) {
  const tall = Math.min(1, 0.25 + Math.log10(1 + (request.ms ?? 1000)) / 5) * (height - 16);
  return [
    svg("rect", {
      class: `bar ${outcome(request)}`,
      x: x + wide * 0.12,
      y: height - tall,
      width: Math.max(wide * 0.76, 0.8),
      height: tall,
      rx: Math.min(2, wide / 4),
    }),
  ];
}

function turn(event, x, wide, height) {
  const kind = event.kind === "server" ? event.state : event.kind;
  const words = event.kind === "thinned" ? `+${event.count}` : (MARKS[kind] ?? kind);
  const middle = x + wide / 2;
  const parts = [svg("line", { class: `turn ${kind}`, x1: middle, x2: middle, y1: 14, y2: height })];
  if (wide > ROOM) parts.push(svg("text", { class: `turnwords ${kind}`, x: middle, y: 11 }, words));
  return parts;
}
