// Draws requests as lines through the lanes: one with all its steps, or many on one clock.

import { duration, plural, svg } from "./dom.js";
import { endOfRequest, outcome } from "./history.js";

const LANES = ["client", "endpoint", "session", "pool", "file"];
const NAMES = { pool: "connection pool" };
const TOP = 34;
const BOTTOM = 18;
const RIGHT = 26;

export class Stage {
  constructor(place) {
    this.place = place;
    this.picture = svg("svg", { role: "img" });
    place.append(this.picture);
  }

  // Draw the requests that were under way together; `seam` is what ended their process, if anything.
  draw(requests, seam, words) {
    const { width, height } = this.place.getBoundingClientRect();
    const left = width < 600 ? 78 : 152;
    const lanes = new Map(
      LANES.map((lane, index) => [
        lane,
        TOP + (index * (height - TOP - BOTTOM)) / (LANES.length - 1),
      ]),
    );
    const parts = LANES.map((lane) => drawLane(lane, lanes.get(lane), left, width));
    const room = { left, right: width - RIGHT, lanes };
    if (requests.length === 1) parts.push(...drawOne(requests[0], room));
    else if (requests.length > 1) parts.push(...drawMany(requests, room));
    if (seam) parts.push(...drawSeam(seam, width - RIGHT, height));
    this.picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.picture.setAttribute("width", width);
    this.picture.setAttribute("height", height);
    this.picture.setAttribute("aria-label", words);
    this.picture.replaceChildren(...parts);
  }
}

function drawLane(lane, y, left, width) {
  const name = NAMES[lane] ?? lane;
  const short = width < 600 && lane === "pool" ? "pool" : name;
  return svg(
    "g",
    { class: "lane" },
    svg("line", { x1: left, x2: width - 8, y1: y, y2: y }),
    svg("text", { x: 0, y: y + 5 }, short),
  );
}

// One request: its steps side by side, so that each can be read, with a number and its time.
function drawOne(request, { left, right, lanes }) {
  const steps = [{ ms: 0, lane: "client" }, { ms: 0, lane: "endpoint" }, ...request.steps];
  const wide = (right - left - 24) / Math.max(steps.length - 1, 8);
  const points = steps.map((step, index) => ({
    x: left + 24 + index * wide,
    y: lanes.get(step.lane),
    step,
    number: index - 1,
  }));
  const answered = points.findIndex((point) => point.step.what?.startsWith("answer:"));
  const upTo = answered < 0 ? points.length - 1 : answered;
  const kind = outcome(request);
  const parts = [
    svg("path", { class: `line ${kind}`, d: bent(points.slice(0, upTo + 1)) }),
    // What comes after the answer: the client does not wait for it.
    svg("path", { class: `line after ${kind}`, d: bent(points.slice(upTo)) }),
  ];
  for (const { x, y, step, number } of points) {
    if (number < 1) {
      parts.push(svg("circle", { class: `mark ${kind}`, cx: x, cy: y, r: 5 }));
      continue;
    }
    const bad = step.bad || (number === upTo - 1 && kind === "bad") ? "bad" : kind;
    parts.push(
      svg("circle", { class: `step ${bad}`, cx: x, cy: y, r: 11 }),
      svg("text", { class: "number", x, y: y + 4.5 }, String(number)),
    );
    if (wide > 44) {
      parts.push(svg("text", { class: "when", x, y: y - 17 }, duration(step.ms)));
    }
  }
  if (request.state === "cut") parts.push(...cross(points.at(-1).x + 18, points.at(-1).y));
  return parts;
}

// Many requests: a line each, all on one clock, so that waiting is seen as length.
function drawMany(requests, { left, right, lanes }) {
  const begins = Math.min(...requests.map((request) => request.at));
  const ends = Math.max(...requests.map(endOfRequest));
  const across = Math.max(ends - begins, 1);
  const x = (at) => left + 12 + ((at - begins) / across) * (right - left - 24);
  const parts = [];
  for (let tick = 0; tick <= 4; tick += 1) {
    const at = begins + (across * tick) / 4;
    parts.push(
      svg("line", { class: "tick", x1: x(at), x2: x(at), y1: TOP - 12, y2: lanes.get("file") }),
      svg("text", { class: "when", x: x(at), y: TOP - 18 }, duration((across * tick) / 4)),
    );
  }
  requests.forEach((request, index) => {
    // Side by side within a lane, so that lines in the same place are seen to be many.
    const shift = ((index % 15) - 7) * 2.2;
    const at = (ms, lane) => ({ x: x(request.at + ms), y: lanes.get(lane) + shift });
    const points = [at(0, "client"), at(0, "endpoint")];
    for (const step of request.steps) points.push(at(step.ms, step.lane));
    const over = endOfRequest(request) - request.at;
    const last = request.steps.at(-1)?.lane ?? "endpoint";
    if (request.state !== "done") points.push(at(over, last));
    const kind = outcome(request);
    parts.push(svg("path", { class: `line many ${kind}`, d: stepped(points) }));
    if (request.state === "cut") parts.push(...cross(points.at(-1).x, points.at(-1).y));
    if (request.ms !== null) {
      const answer = at(request.ms, "client");
      parts.push(svg("circle", { class: `mark ${kind}`, cx: answer.x, cy: answer.y, r: 3.5 }));
    }
  });
  return parts;
}

function drawSeam(seam, x, height) {
  const zigzag = [];
  for (let y = 4; y < height; y += 10) zigzag.push(`${x + ((y / 10) % 2 < 1 ? 0 : 8)},${y}`);
  return [
    svg("polyline", { class: `seam ${seam.state}`, points: zigzag.join(" ") }),
    svg("text", { class: "seamwords", x: x - 8, y: height - 4 }, seam.words),
  ];
}

function cross(x, y) {
  return [svg("path", { class: "cross", d: `M${x - 6},${y - 6}l12,12m0,-12l-12,12` })];
}

function bent(points) {
  if (points.length < 2) return "";
  return points.map(({ x, y }, index) => `${index ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`).join("");
}

// Along a lane until the next step, and then across: what waits is long, not slanted.
function stepped(points) {
  const [first, ...rest] = points;
  const parts = rest.map(({ x, y }) => `H${x.toFixed(1)}V${y.toFixed(1)}`);
  return `M${first.x.toFixed(1)},${first.y.toFixed(1)}${parts.join("")}`;
}

// What is drawn, in a sentence: for the heading, and for who does not see it.
export function inWords(requests) {
  if (requests.length === 0) return "Nothing was asked of your API yet";
  if (requests.length === 1) {
    const [request] = requests;
    const name = `${request.method} ${request.path}`;
    if (request.state === "cut") return `${name}: no answer, the process ended`;
    if (request.status === null) return `${name}: no answer yet`;
    return `${name}: ${request.status} in ${duration(request.ms)}`;
  }
  const counts = new Map();
  for (const request of requests) {
    const open = request.state === "open" ? "no answer yet" : "no answer";
    const said = request.status === null ? open : String(request.status);
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  const words = [...counts].map(([said, count]) => `${count} × ${said}`).join(", ");
  return `${plural(requests.length, "request")} at once: ${words}`;
}
