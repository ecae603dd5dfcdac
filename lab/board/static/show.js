// A demo that is played now: space lets the lab do the next thing, and shows it.

import { byId } from "./dom.js";
import { Story } from "./story.js";

const room = {
  live: true,
  choice: null,
  votes: null, // how often each choice was made, where phones vote
  voteAt: null,
  choose: (choice) => ask("choose", { choice }),
};
let ended = false;
const story = new Story(room, (seen) => {
  if (ended) return;
  byId("hint").textContent = "The lab does it …";
  ask("next", { seen });
});

const source = new EventSource("events");
source.addEventListener("message", (message) => {
  for (const event of JSON.parse(message.data)) take(event);
  story.draw();
});
source.addEventListener("error", () => {
  byId("hint").textContent = "The lab has ended. What you see stays until you leave this page.";
});
byId("leave").addEventListener("click", () => ask("leave", {}));

function take(event) {
  if (event.kind === "story") {
    story.title(event.title);
    room.voteAt = event.vote;
  }
  if (event.kind === "votes") room.votes = event.counts;
  if (event.kind === "beat") {
    byId("hint").textContent = "";
    if (event.event === "question") room.choice = null;
    story.add(event);
  }
  if (event.kind === "choice") room.choice = event.choice;
  if (event.kind === "end") ended = true;
  if (event.kind === "left") {
    ended = true;
    source.close();
    byId("hint").textContent = "Ended. It was all on a throw-away copy.";
  }
}

async function ask(name, given) {
  try {
    await fetch(`do/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(given),
    });
  } catch {
    byId("hint").textContent = "The lab has ended.";
  }
}
