// The scene of a story: client, server and file as the beats so far have left them.

import { plural, svg } from "./dom.js";

// What is so after a beat, given what was so before it. Nothing is made up: what no beat told is unknown.
export function after(before, beat) {
  const now = { ...before, arrow: null, changed: null };
  switch (beat.event) {
    case "chapter":
      // Each exercise is played on a server of its own.
      return { ...(beat.begins ? BEGINNING : now), chapter: beat.title, caption: null };
    case "said":
      return { ...now, caption: beat.text };
    case "started":
      return { ...now, server: "running", out: null, starts: before.starts + 1, changed: "server" };
    case "stopped":
      return { ...now, server: beat.killed ? "killed" : "stopped", out: null, changed: "server" };
    case "burst":
      return { ...now, server: "killed", out: null, answer: counts(beat), changed: "server", arrow: "bad", known: false };
    case "sent":
    case "statements_counted":
      return {
        ...now,
        answer: `${beat.method} ${beat.path}: ${beat.status}`,
        arrow: kindOf(beat.status),
        out: null, // nobody has counted since
        known: before.known && beat.method === "GET", // what was read of the file is old now
        listed: beat.table && beat.method === "GET" ? beat.table.count : before.listed,
      };
    case "measured":
      return { ...now, answer: counts(beat), out: beat.out.at(-1), arrow: worst(beat), changed: "server" };
    case "crowded":
      return { ...now, answer: counts(beat), out: null, arrow: worst(beat) };
    case "rows_shown":
      return { ...now, rows: beat.table ? beat.table.count : null, file: beat.files.join(", "), known: true, changed: "file" };
    case "deleted":
      return { ...now, rows: null, file: "", known: true, changed: "file" };
    case "changed":
      return { ...now, changed: "code" };
    default:
      return now;
  }
}

export const BEGINNING = { server: "none", starts: 0, chapter: "", caption: null, known: false };

export function counts(beat) {
  return Object.entries(beat.statuses)
    .map(([status, count]) => `${count} × ${status}`)
    .join(", ");
}

export function kindOf(status) {
  if (status >= 500) return "bad";
  return status >= 400 ? "refused" : "good";
}

function worst(beat) {
  return kindOf(Math.max(...Object.keys(beat.statuses).map(Number), 200));
}

const WORDS = { none: "not started yet", running: "runs", stopped: "stopped: SIGTERM", killed: "killed: SIGKILL" };

export function drawScene(place, state) {
  const { width, height } = place.getBoundingClientRect();
  const wide = width < 600 ? width * 0.29 : Math.min(width * 0.25, 300);
  const y = 8;
  const tall = height - 16;
  const x = [4, (width - wide) / 2, width - wide - 4];
  const file = state.known ? (state.file ? plural(state.rows ?? 0, "row") : "no file") : "";
  const starts = state.starts > 1 ? `process ${state.starts}` : "";
  const out = state.out === null || state.out === undefined ? starts : `${plural(state.out, "connection")} out`;
  const running = state.server === "running";
  const parts = [
    ...box(x[0], y, wide, tall, "client", state.answer ?? "", state.listed === undefined ? "" : `lists ${state.listed}`, state),
    ...box(x[1], y, wide, tall, "server", WORDS[state.server], out, state),
    ...box(x[2], y, wide, tall, "file", state.file ?? "", file, state),
    ...wire(x[0] + wide, x[1], y + tall / 2, running, state.arrow),
    ...wire(x[1] + wide, x[2], y + tall / 2, running, null),
  ];
  if (state.server === "killed" || state.server === "stopped") parts.push(...broken(x[1], y, wide, tall, state.server));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" }, ...parts);
  picture.setAttribute("aria-label", `The server ${WORDS[state.server]}. ${out}. ${file} ${state.file ?? ""}`);
  place.replaceChildren(picture);
}

function box(x, y, wide, tall, name, words, count, state) {
  const changed = state.changed === name ? " changed" : "";
  const kind = name === "server" ? ` ${state.server}` : "";
  const middle = x + wide / 2;
  return [
    svg("rect", { class: `box ${name}${kind}${changed}`, x, y, width: wide, height: tall, rx: name === "file" ? 22 : 8 }),
    svg("text", { class: "boxname", x: middle, y: y + 26 }, name),
    svg("text", { class: `boxwords${kind}`, x: middle, y: y + 50 }, words),
    svg("text", { class: "boxcount", x: middle, y: y + tall - 14 }, count),
  ];
}

function wire(from, to, y, running, arrow) {
  const parts = [svg("line", { class: running ? "wire" : "wire down", x1: from, x2: to, y1: y, y2: y })];
  if (arrow) {
    parts.push(
      svg("path", { class: `arrow ${arrow}`, d: `M${from + 10},${y - 12}H${to - 16}m-8,-6l8,6l-8,6` }),
      svg("path", { class: `arrow ${arrow}`, d: `M${to - 10},${y + 12}H${from + 16}m8,-6l-8,6l8,6` }),
    );
  }
  return parts;
}

// The seam: a process has ended here.
function broken(x, y, wide, tall, kind) {
  const zigzag = [];
  for (let step = 0; step * 9 <= tall; step += 1) {
    zigzag.push(`${x + wide + 12 + (step % 2) * 8},${y + step * 9}`);
  }
  return [svg("polyline", { class: `seam ${kind}`, points: zigzag.join(" ") })];
}
