// The board: listens to the lab, keeps what it is told, and shows the last moment or an earlier one.

import { byId, clock, element, plural } from "./dom.js";
import { Buttons, isTaken } from "./buttons.js";
import { History } from "./history.js";
import { Log } from "./log.js";
import { showAnswer, showPool, showRows, showSteps } from "./panels.js";
import { Stage, inWords } from "./stage.js";
import { Timeline } from "./timeline.js";

const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const LASTING = 250; // ms between two pictures of a request that lasts, where motion is unwelcome

const history = new History();
const buttons = new Buttons();
const log = new Log(byId("log"));
const stage = new Stage(byId("stage"));
const timeline = new Timeline(byId("timeline"));
let chosen = null; // the place of the moment that is shown; null: the last one
let drawing = false;
let told = 0; // events
const drawn = {}; // by part of the page, what it shows

listen();
byId("timeline").addEventListener("pointerdown", (event) => pick(event));
byId("timeline").addEventListener("pointermove", (event) => event.buttons && pick(event));
byId("to-live").addEventListener("click", () => choose(null));
document.addEventListener("keydown", key);
addEventListener("resize", soon);
soon();

function listen() {
  const source = new EventSource("events");
  source.addEventListener("message", (message) => {
    for (const event of JSON.parse(message.data)) take(event);
    soon();
  });
  source.addEventListener("open", () => {
    document.body.classList.remove("lost");
    soon();
  });
  source.addEventListener("error", () => {
    document.body.classList.add("lost");
    delete drawn.server;
    byId("server-words").textContent = "The lab does not answer. Has it ended?";
  });
}

function take(event) {
  told += 1;
  const before = history.forgotten;
  history.add(event);
  log.add(event);
  if (event.kind === "button") buttons.did(event);
  if (chosen !== null) chosen = Math.max(0, chosen - (history.forgotten - before));
}

function key(event) {
  if (isTaken(event)) return;
  const now = chosen ?? history.moments.length - 1;
  const places = {
    ArrowLeft: now - 1,
    ArrowRight: now + 1,
    PageUp: now - 10,
    PageDown: now + 10,
    Home: 0,
    End: null,
    Escape: null,
  };
  if (!(event.key in places) || event.target.matches(".scroll, .steplist, #log")) return;
  event.preventDefault();
  choose(places[event.key]);
}

function pick(event) {
  if (history.moments.length) choose(timeline.at(event.clientX));
}

function choose(place) {
  const last = history.moments.length - 1;
  chosen = place === null || place >= last || last < 0 ? null : Math.max(place, 0);
  soon();
}

// Draw with the next frame, once for all that came until then.
function soon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
}

function draw() {
  const place = chosen ?? history.moments.length - 1;
  const at = chosen === null ? Infinity : history.endOf(chosen);
  const requests = shown(place);
  const server = history.state("server", at);
  const words = inWords(requests);
  const [pool, rows, answer] = ["pool", "rows", "answer"].map((kind) => history.state(kind, at));
  stage.draw(requests, server && server.state !== "running" ? server : null, words);
  if (isNew("words", words)) byId("stage-title").textContent = words;
  if (isNew("steps", ...requests)) showSteps(byId("steps"), byId("steps-title"), requests);
  if (isNew("pool", pool)) showPool(byId("pool"), byId("pool-count"), pool);
  if (isNew("rows", rows)) showRows(byId("file"), byId("file-title"), byId("file-count"), rows);
  if (isNew("answer", answer)) {
    showAnswer(byId("answer"), byId("answer-title"), byId("answer-count"), answer);
  }
  if (isNew("time", told, chosen, innerWidth)) timeline.draw(history, chosen);
  showHead(server, place);
  if (chosen === null && requests.some((request) => request.state === "open")) {
    STILL.matches ? setTimeout(soon, LASTING) : soon();
  }
}

// Whether a part of the page is to be made anew: what is as it was keeps its place, scrolled or not.
function isNew(part, ...values) {
  const before = drawn[part];
  drawn[part] = values;
  return !before || before.length !== values.length || values.some((value, n) => value !== before[n]);
}

// The requests that belong to a moment: those under way together with its own, or the last ones before.
function shown(place) {
  for (let each = place; each >= 0; each -= 1) {
    const { request } = history.moments[each];
    if (request) return history.around(request);
  }
  return [];
}

function showHead(server, place) {
  const past = chosen !== null;
  document.body.classList.toggle("past", past);
  byId("to-live").hidden = !past;
  const turn = history.moments[place]?.turn;
  const thinned = turn?.kind === "thinned" ? `${plural(turn.count, "more request")} counted, not drawn` : "";
  const when = past ? `as it was at ${clock(history.moments[place].at)}` : thinned || "live";
  byId("moment-words").textContent = when;
  const slider = byId("timeline");
  slider.setAttribute("aria-valuemax", Math.max(history.moments.length - 1, 0));
  slider.setAttribute("aria-valuenow", Math.max(place, 0));
  slider.setAttribute("aria-valuetext", `${when}: ${byId("stage-title").textContent}`);
  if (!server || document.body.classList.contains("lost") || !isNew("server", server)) return;
  byId("server").className = `server ${server.state}`;
  byId("server-words").textContent = server.words;
  const links = [server.url, server.docs].filter(Boolean);
  if (links.length && byId("links").dataset.shown !== links.join()) {
    byId("links").dataset.shown = links.join();
    byId("links").replaceChildren(
      ...links.map((url) => element("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, url.replace("http://", ""))),
    );
  }
}
