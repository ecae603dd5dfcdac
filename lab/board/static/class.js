// A class: a square for each submission and exercise, and the mistakes by how common they are.

import { byId, element, plural } from "./dom.js";

const SHOWN = 12; // mistakes
let exercises = [];
let expected = 0;
const outcomes = [];
let named = false;
let drawing = false;

const source = new EventSource("events");
source.addEventListener("message", (message) => {
  for (const event of JSON.parse(message.data)) take(event);
  soon();
});
source.addEventListener("error", () => {
  // The lab has ended, or is gone: what was judged stays to be looked at.
  if (source.readyState !== EventSource.OPEN) document.body.classList.add("lost");
  soon();
});
byId("names").addEventListener("click", turn);
document.addEventListener("keydown", (event) => {
  if (event.key === "n" && !event.ctrlKey && !event.metaKey && !event.altKey) turn();
});

function take(event) {
  document.body.classList.remove("lost");
  if (event.kind === "class") ({ exercises, count: expected } = event);
  if (event.kind === "outcome") outcomes.push(event);
}

// Names are for the teacher alone until they are asked for: the page may be on a wall.
function turn() {
  named = !named;
  byId("names").firstChild.textContent = named ? "Hide names " : "Show names ";
  soon();
}

function soon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(draw);
}

function draw() {
  drawing = false;
  document.body.classList.toggle("named", named);
  const over = document.body.classList.contains("lost") && outcomes.length < expected;
  const judged = `${outcomes.length} of ${plural(expected, "submission")} judged`;
  byId("state").textContent = over ? `${judged}. The lab has ended.` : `${judged}.`;
  byId("grid").replaceChildren(...exercises.flatMap(row));
  byId("mistakes").replaceChildren(...common().map(mistake));
}

function row(exercise, place) {
  const verdicts = outcomes.map((outcome) => outcome.verdicts[place] ?? outcome.status);
  const passed = verdicts.filter((verdict) => verdict === "passed").length;
  const cells = verdicts.map((verdict, number) => cell(verdict, outcomes[number]));
  const label = `${exercise}: ${passed} of ${verdicts.length} passed`;
  return [
    element("b", {}, exercise),
    element("div", { class: "cells", role: "img", "aria-label": label }, ...cells, ...waiting()),
    element("span", {}, `${passed} of ${verdicts.length}`),
  ];
}

function cell(verdict, outcome) {
  if (!named) return element("i", { class: verdict });
  const title = `${outcome.name}: ${verdict.replaceAll("_", " ")}`;
  return element("i", { class: verdict, title }, outcome.name);
}

function waiting() {
  return Array.from({ length: Math.max(0, expected - outcomes.length) }, () => element("i", { class: "waiting" }));
}

function common() {
  const counts = new Map();
  for (const { mistakes } of outcomes) {
    for (const words of mistakes) counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
}

function mistake([words, count]) {
  return element("li", {}, element("b", {}, `${count} ×`), element("span", {}, words));
}
