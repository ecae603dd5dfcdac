// A phone's page: the question, its choices, and in the end what was measured.

import { byId, element } from "./dom.js";

const device = ownName();
let choices = [];
let chosen = null;
let open = false;
let happened = null;

const source = new EventSource("events");
source.addEventListener("message", (message) => {
  for (const event of JSON.parse(message.data)) take(event);
  draw();
});
source.addEventListener("error", () => {
  byId("said").textContent = "The lab does not answer. Is it still shown?";
});

function take(event) {
  if (event.kind === "asked") {
    byId("question").textContent = event.question;
    byId("said").textContent = "One vote for each phone. You may change it until the answer.";
    choices = event.choices;
    chosen = null;
    happened = null;
    open = true;
  }
  if (event.kind === "closed") {
    open = false;
    byId("said").textContent = "The vote is closed. Look at the screen.";
  }
  if (event.kind === "answer") {
    happened = event.happened;
    const right = chosen !== null && chosen === happened;
    byId("said").textContent = right ? "As you said." : "This is what was measured.";
  }
}

function draw() {
  byId("choices").replaceChildren(
    ...choices.map((words, index) => {
      const button = element(
        "button",
        { type: "button", "aria-pressed": String(index === chosen), disabled: open ? null : "" },
        element("span", {}, words),
        index === happened ? element("b", { class: "good" }, "measured") : null,
      );
      button.addEventListener("click", () => vote(index));
      return element("li", { class: index === happened ? "happened" : null }, button);
    }),
  );
}

async function vote(choice) {
  const answer = await fetch("do/vote", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ device, choice }),
  });
  const said = await answer.json();
  if (answer.ok) chosen = choice;
  byId("said").textContent = answer.ok ? "Your vote counts. You may change it until the answer." : said.said;
  draw();
}

// A name that this device gives itself, so that it has one vote; it says nothing about who it is.
function ownName() {
  const known = localStorage.getItem("device");
  if (known) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const made = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  localStorage.setItem("device", made);
  return made;
}
