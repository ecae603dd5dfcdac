// The panels beside the stage: steps, pool, rows in the file, rows in the last answer.

import { clock, duration, element, plural } from "./dom.js";
import { outcome } from "./history.js";

export function showSteps(place, title, requests) {
  title.textContent = requests.length > 1 ? "Their answers" : "Step by step";
  if (requests.length !== 1) {
    place.replaceChildren(...groups(requests));
    return;
  }
  const [request] = requests;
  const steps = request.steps.map((step, index) => {
    const took = step.took ? ` (${duration(step.took)})` : "";
    return element(
      "li",
      { class: step.bad ? "bad" : null },
      element("b", { class: "number" }, String(index + 1)),
      element("span", { class: "when" }, duration(step.ms)),
      element("span", { class: `what at-${step.lane}`, title: step.what }, `${step.what}${took}`),
      step.where ? element("span", { class: "where", title: step.where }, short(step.where)) : null,
    );
  });
  if (request.crash) steps.push(element("li", { class: "bad crash" }, request.crash));
  place.replaceChildren(...steps);
}

// "main.py:43" of "todos_app/main.py:43 in create_todo", which is too long for a line.
function short(where) {
  return where.split(" in ")[0].split("/").at(-1);
}

// Requests with the same answer, and how long the quickest and the slowest of them took.
function groups(requests) {
  const found = new Map();
  for (const request of requests) {
    const said = request.status ?? (request.state === "open" ? "no answer yet" : "no answer");
    const name = `${request.method} ${request.path}: ${said}`;
    found.set(name, [...(found.get(name) ?? []), request]);
  }
  return [...found].map(([name, alike]) => {
    const times = alike.map((request) => request.ms).filter((ms) => ms !== null);
    const span = times.length
      ? `${duration(Math.min(...times))} to ${duration(Math.max(...times))}`
      : "";
    const crash = alike.find((request) => request.crash)?.crash;
    return element(
      "li",
      { class: outcome(alike[0]) },
      element("b", { class: "number" }, `${alike.length} ×`),
      element("span", { class: "when" }, span),
      element("span", { class: "what" }, name),
      crash ? element("span", { class: "where bad" }, crash) : null,
    );
  });
}

export function showPool(place, count, pool) {
  if (!pool || pool.type === null) {
    count.textContent = "";
    place.replaceChildren(element("p", { class: "quiet" }, "No connection was asked for yet."));
    return;
  }
  const size = pool.size ?? 0;
  const overflow = Math.max(pool.overflow ?? 0, 0);
  count.textContent = `${pool.count} checked out`;
  count.classList.toggle("bad", size > 0 && pool.count >= size + overflow);
  const most = size + overflow || pool.count;
  const slots = [];
  for (let place = 0; place < Math.max(most, pool.count); place += 1) {
    const holder = pool.out[place];
    const classes = ["slot"];
    if (place >= size && size) classes.push("over");
    if (place < pool.count) classes.push(holder?.is_over ? "left" : "out");
    slots.push(element("span", { class: classes.join(" ") }));
  }
  const beyond = pool.overflow < 0 ? "without a limit" : plural(overflow, "more", "more");
  const limits = size ? `${pool.type}: ${size} and ${beyond}` : pool.type;
  const peak = pool.peak > pool.count ? `, ${pool.peak} a moment ago` : "";
  place.replaceChildren(
    element("div", { class: "slots", "aria-hidden": "true" }, ...slots),
    element("p", { class: "quiet" }, `${limits}${peak}`),
    ...holders(pool.out),
  );
}

// The lines of code that hold connections, each with how many.
function holders(out) {
  const lines = new Map();
  for (const holder of out) {
    const key = `${holder.where}\n${holder.is_over}`;
    lines.set(key, [...(lines.get(key) ?? []), holder]);
  }
  return [...lines.values()].map((alike) => {
    const [holder] = alike;
    const words = holder.is_over ? "held, and the request is over" : "held";
    return element(
      "div",
      { class: holder.is_over ? "holder left" : "holder" },
      element("b", {}, `${alike.length} ${words}`),
      element("span", { class: "where" }, holder.where || holder.request),
      element("code", {}, holder.text),
    );
  });
}

export function showRows(place, title, count, rows) {
  const names = rows?.files?.join(", ");
  title.textContent = names ? `In the file ${names}` : "In the file";
  if (!rows) return nothing(place, count, "Your API has opened no database file yet.");
  if (rows.problem) return nothing(place, count, rows.problem);
  if (!rows.files.length) return nothing(place, count, "There is no database file.", "no file");
  if (!rows.table) return nothing(place, count, "It has no table of todos.", "no table");
  return showTable(place, count, rows.table, `Read at ${clock(rows.at)}.`);
}

export function showAnswer(place, title, count, answer) {
  title.textContent = answer ? `In the last answer, ${answer.request}` : "In the last answer";
  if (!answer) return nothing(place, count, "None yet.");
  if (answer.table) return showTable(place, count, answer.table, `${answer.status}, at ${clock(answer.at)}.`);
  const text = answer.text || (answer.bytes ? plural(answer.bytes, "byte") : "An answer without a body.");
  return nothing(place, count, text, String(answer.status));
}

function nothing(place, count, words, short = "") {
  count.textContent = short;
  place.replaceChildren(element("p", { class: "quiet" }, words));
}

function showTable(place, count, table, words) {
  count.textContent = plural(table.count, "row");
  const head = element("tr", {}, ...table.columns.map((name) => element("th", { scope: "col" }, name)));
  // The newest first: they are what one looks for.
  const rows = [...table.rows].reverse();
  const body = rows.map((row) => element("tr", {}, ...row.map((value) => element("td", {}, value))));
  const more = table.count - table.rows.length;
  place.replaceChildren(
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)),
    element("p", { class: "quiet" }, more > 0 ? `${words} Not shown: ${plural(more, "older row")}.` : words),
  );
}
