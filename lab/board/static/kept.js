// A demo that was played and kept in this one file: played again, without a server.

import { byId } from "./dom.js";
import { Story } from "./story.js";

const EACH = 3500; // ms for a beat, when it plays by itself

const room = {
  live: false,
  choice: null,
  choose(choice) {
    room.choice = choice;
    story.draw();
  },
};
const story = new Story(room, () => stop());
let playing = null;

const { title, beats } = JSON.parse(byId("story").textContent);
story.title(title);
for (const beat of beats) story.add(beat);
story.go(0);
byId("leave").hidden = true;
byId("play").hidden = false;
byId("play").addEventListener("click", () => (playing ? stop() : play()));

function play() {
  if (story.place === story.beats.length - 1) story.go(0);
  playing = setInterval(() => story.next(), EACH);
  byId("play").firstChild.textContent = "Pause ";
}

function stop() {
  clearInterval(playing);
  playing = null;
  byId("play").firstChild.textContent = "Play ";
}
