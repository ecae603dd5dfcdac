// A story, beat by beat: where it is, what is shown of it, and the way to any of its beats.

import { byId, element, svg } from "./dom.js";
import { render } from "./beats.js";
import { BEGINNING, after, drawScene } from "./scene.js";

export class Story {
  // `room` says how a choice is made; `goOn` is called at the last beat that there is.
  constructor(room, goOn) {
    this.beats = [];
    this.states = []; // after each beat
    this.state = BEGINNING; // after the last that was told
    this.opens = null; // the title of a chapter of which no beat was told yet
    this.told = 0; // beats, chapters among them
    this.place = -1;
    this.room = room;
    this.goOn = goOn;
    byId("next").addEventListener("click", () => this.next());
    byId("back").addEventListener("click", () => this.back());
    byId("full").addEventListener("click", fullScreen);
    byId("strip").addEventListener("pointerdown", (event) => this.#pick(event));
    byId("strip").addEventListener("pointermove", (event) => event.buttons && this.#pick(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("resize", () => this.draw());
    addEventListener("beforeprint", () => this.#all());
  }

  title(words) {
    byId("title").textContent = words;
    document.title = words;
  }

  // A chapter is shown with the beat that it opens.
  add(beat) {
    this.told += 1;
    this.state = after(this.state, beat);
    if (beat.event === "chapter") {
      this.opens = beat.title;
      return;
    }
    const follows = this.place === this.beats.length - 1;
    this.states.push(this.state);
    this.beats.push({ ...beat, opens: this.opens });
    this.opens = null;
    if (follows) this.place += 1;
  }

  next() {
    if (this.place < this.beats.length - 1) this.go(this.place + 1);
    else this.goOn(this.told);
  }

  back() {
    this.go(Math.max(this.place - 1, 0));
  }

  go(place) {
    this.place = Math.min(Math.max(place, 0), this.beats.length - 1);
    this.draw();
  }

  draw() {
    const beat = this.beats[this.place];
    if (!beat) return;
    const state = this.states[this.place];
    byId("chapter").textContent = state.chapter.endsWith(byId("title").textContent) ? "" : state.chapter;
    byId("place").textContent = `${this.place + 1} of ${this.beats.length}${this.room.live ? " so far" : ""}`;
    byId("caption").textContent = beat.event === "said" ? "" : (state.caption ?? "");
    byId("beat").className = `panel beat is-${beat.event}`;
    const room = this.place === this.beats.length - 1 || !this.room.live ? this.room : null;
    byId("beat").replaceChildren(...whole(beat, room));
    drawScene(byId("scene"), state);
    this.#strip();
  }

  // A mark for each beat; below it, the life of each process: a seam is where one has ended.
  #strip() {
    const strip = byId("strip");
    const { width, height } = strip.getBoundingClientRect();
    const wide = Math.min(width / this.beats.length, 34);
    const parts = this.beats.flatMap((beat, index) => {
      const x = index * wide;
      const shown = [mark(beat, x + wide / 2, height, wide)];
      if (beat.opens) {
        shown.push(svg("rect", { class: "chapterbar", x: x - 1, y: 4, width: 3, height: height - 18 }));
      }
      if (this.states[index].server === "running") {
        shown.unshift(svg("rect", { class: "life", x, y: height - 10, width: wide, height: 6 }));
      }
      if (index === this.place) {
        shown.unshift(svg("rect", { class: "now", x: x + 1, y: 1, width: wide - 2, height: height - 2, rx: 4 }));
      }
      return shown;
    });
    strip.replaceChildren(svg("svg", { width, height, "aria-hidden": "true" }, ...parts));
    strip.setAttribute("aria-valuemax", this.beats.length);
    strip.setAttribute("aria-valuenow", this.place + 1);
  }

  #pick(event) {
    const { left, width } = byId("strip").getBoundingClientRect();
    const wide = Math.min(width / this.beats.length, 34);
    this.go(Math.floor((event.clientX - left) / wide));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const digit = Number(event.key);
    const beat = this.beats[this.place];
    const keys = {
      " ": () => this.next(),
      ArrowRight: () => this.next(),
      PageDown: () => this.next(),
      b: () => this.back(),
      ArrowLeft: () => this.back(),
      PageUp: () => this.back(),
      Home: () => this.go(0),
      End: () => this.go(this.beats.length - 1),
      f: fullScreen,
      q: () => byId("leave").click(),
      p: () => byId("play").click(),
    };
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act && !(event.key === " " && event.target.matches("button:not(.main)"))) {
      event.preventDefault();
      act();
    } else if (beat?.event === "question" && digit >= 1 && digit <= beat.choices.length) {
      this.room.choose(digit - 1);
    }
  }

  // The whole story on paper, one beat below the other.
  #all() {
    byId("all").replaceChildren(
      ...this.beats.map((beat) =>
        element("article", { class: `beat is-${beat.event}` }, ...whole(beat, null)),
      ),
    );
  }
}

function whole(beat, room) {
  const title = beat.opens ? element("h2", { class: "opens" }, beat.opens) : null;
  return [title, ...render(beat, room)].filter((part) => part !== null);
}

const TURNS = { stopped: "stopped", burst: "killed" };

function mark(beat, x, height, wide) {
  const middle = (height - 12) / 2;
  if (TURNS[beat.event]) {
    const kind = beat.event === "burst" || beat.killed ? "killed" : "stopped";
    const zigzag = [0, 1, 2, 3, 4, 5, 6].map((step) => `${x - 3 + (step % 2) * 6},${3 + (step * (height - 6)) / 6}`);
    return svg("polyline", { class: `seam ${kind}`, points: zigzag.join(" ") });
  }
  if (beat.event === "question") return svg("text", { class: "markword", x, y: middle + 7 }, "?");
  const bad = beat.status >= 500 || Object.keys(beat.statuses ?? {}).some((status) => status >= 500) || beat.lacks?.length;
  const quiet = beat.event === "said" ? " quietdot" : "";
  return svg("circle", { class: `dotmark${bad ? " bad" : ""}${quiet}`, cx: x, cy: middle, r: Math.min(5, wide / 3) });
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}
