// One beat of a story, large enough for the back of a room.

import { duration, element, plural } from "./dom.js";
import { counts, kindOf } from "./scene.js";

export function render(beat, room) {
  const show = SHOWN[beat.event];
  return show ? show(beat, room) : [element("p", { class: "big" }, plain(beat))];
}

const SHOWN = {
  said: (beat) => [element("p", { class: "big" }, beat.text)],
  started: (beat) => [
    element("p", { class: "big" }, `The server starts${beat.again ? " again" : ""}.`),
    beat.anew.length ? element("p", { class: "big" }, `It makes ${beat.anew.join(", ")}.`) : null,
    beat.pool_timeout
      ? element("p", { class: "quiet" }, `A request waits ${beat.pool_timeout} s for a connection here, where SQLAlchemy's default is 30 s.`)
      : null,
  ],
  stopped: (beat) => [
    element("p", { class: "big" }, beat.killed ? "The server is killed: SIGKILL." : "The server stops: SIGTERM."),
  ],
  sent: (beat) => [
    ...answered(beat),
    beat.table ? table(beat.table) : beat.text ? element("code", { class: "said" }, beat.text) : null,
  ],
  measured: (beat) => [
    element("p", { class: "big" }, `${beat.request}, ${beat.out.length} times: ${counts(beat)}`),
    element("p", {}, "Connections that were out after each:"),
    bars(beat.out),
    beat.where ? element("p", {}, "One is held by ", element("code", {}, beat.where)) : null,
  ],
  statements_counted: (beat) => [
    ...answered(beat),
    element("p", { class: "big" }, `It needed ${plural(beat.count, "statement")}:`),
    code(beat.statements.map(([sql, times]) => `${plural(times, "time")}: ${sql.replace(/\s+/g, " ")}`).join("\n")),
  ],
  crowded: (beat) => [
    element("p", { class: "big" }, `${beat.request}, ${sum(beat)} at once: ${counts(beat)}`),
    element("p", {}, `After ${duration(beat.seconds * 1000)} the last of them was answered.`),
    beat.crash ? element("p", { class: "bad crash" }, beat.crash) : null,
  ],
  interleaved: (beat) => {
    const through = beat.was_held && !beat.waited;
    const how = beat.locked ? "waits for the database, which is locked" : `is held before ${beat.moment}`;
    const said = beat.was_held
      ? `${beat.held.method} ${beat.held.path} ${how}.`
      : `The first request cannot be held before ${beat.moment}.`;
    const [first, second] = through ? [beat.other, beat.held] : [beat.held, beat.other];
    return [
      element("p", { class: "big" }, said),
      through ? element("p", {}, "Another request goes through meanwhile:") : null,
      ...answered(first),
      element("p", {}, through ? "The first one goes on:" : "The other one:"),
      ...answered(second),
    ];
  },
  burst: (beat) => [
    element("p", { class: "big" }, "Several clients write as fast as they can: SIGKILL in the middle."),
    element("p", { class: "big" }, `Answered until then: ${counts(beat)}.`),
  ],
  power_cut: (beat) => [
    element("p", { class: "big" }, `${plural(beat.acknowledged, "more todo")}, each answered 2xx. Then the power goes.`),
    element("p", {}, `Disks that a cut could leave: ${beat.disks}, tried one by one.`),
    beat.lacking || beat.damaged
      ? element("p", { class: "big bad" }, `Lacking an acknowledged todo: ${beat.lacking}; damaged: ${beat.damaged}.`)
      : element("p", { class: "big good" }, "Every acknowledged todo is on every one of them."),
  ],
  test_ran: (beat) => [
    element("p", { class: "big" }, `${beat.says}:`),
    element("p", { class: "big" }, `${beat.file} ${beat.passed ? "passes" : "fails"}.`),
  ],
  backup_tried: (beat) => [
    element("code", { class: "big" }, `$ ${beat.command}`),
    element(
      "p",
      { class: "big" },
      beat.listed.length
        ? `In a copy of the folder ${beat.backup} has the place of ${beat.database}. The API starts there:`
        : `There is no ${beat.backup} to try.`,
    ),
    ...beat.listed.flatMap((exchange) => [...answered(exchange), exchange.table ? table(exchange.table) : null]),
  ],
  rows_shown: (beat) => {
    if (!beat.files.length) return [element("p", { class: "big" }, "There is no database file.")];
    const files = beat.files.join(", ");
    if (!beat.table) return [element("p", { class: "big" }, `No table of todos in ${files}.`)];
    return [element("p", { class: "big" }, `In ${files}: ${plural(beat.table.count, "row")}`), table(beat.table)];
  },
  drifted: (beat) =>
    beat.lacks.length
      ? beat.lacks.map((words) => element("p", { class: "big bad" }, `${words[0].toUpperCase()}${words.slice(1)}.`))
      : [element("p", { class: "big good" }, "Every column of every model is in its table.")],
  source_shown: (beat) => [element("p", { class: "quiet" }, beat.file), code(beat.source)],
  changed: (beat) => [diff(beat.diff)],
  deleted: (beat) => [
    element("code", { class: "big" }, `$ rm ${beat.files.join(" ")}`),
    beat.running ? element("p", { class: "quiet" }, "The server still runs.") : null,
  ],
  migrated: (beat) => [element("p", { class: "quiet" }, beat.file), code(beat.sql.join("\n"))],
  commanded: (beat) => [element("code", { class: "big" }, `$ ${beat.command}`), code(beat.output)],
  question: (beat, room) => [
    element("p", { class: "big" }, beat.question),
    element("ol", { class: "choices" }, ...beat.choices.map((words, index) => choice(words, index, room))),
    room?.voteAt ? invitation(room) : null,
  ],
  compared: (beat, room) => [
    element("p", { class: "big" }, beat.question),
    element(
      "ol",
      { class: "choices" },
      ...beat.choices.map((words, index) =>
        element(
          "li",
          { class: index === beat.happened ? "happened" : null },
          element("span", {}, words),
          index === beat.happened ? element("b", { class: "good" }, "measured") : null,
          index === beat.predicted ? element("b", {}, "predicted") : null,
          room?.votes ? votes(room, index) : null,
        ),
      ),
    ),
    beat.happened === null ? element("p", { class: "big" }, "None of these happened.") : null,
    element("p", { class: "big why" }, beat.why),
  ],
};

// A request and how it was answered, without what was in the answer.
function answered(exchange) {
  return [
    element(
      "p",
      { class: "big exchange" },
      element("code", {}, `${exchange.method} ${exchange.path}`),
      " ",
      element("b", { class: kindOf(exchange.status) }, String(exchange.status)),
      element("span", { class: "quiet" }, ` ${duration(exchange.seconds * 1000)}`),
    ),
    element("code", { class: "curl" }, `$ ${exchange.curl}`),
    exchange.crash ? element("p", { class: "bad crash" }, exchange.crash) : null,
  ];
}

function choice(words, index, room) {
  const key = element("kbd", {}, String(index + 1));
  if (!room) return element("li", {}, key, element("span", {}, words));
  const pressed = String(room.choice === index);
  const button = element("button", { type: "button", "aria-pressed": pressed }, key, element("span", {}, words));
  button.addEventListener("click", () => room.choose(index));
  return element("li", {}, button, votes(room, index));
}

// How many have chosen it, as a number and as a length.
function votes(room, index) {
  if (!room?.votes) return null;
  const most = Math.max(...room.votes, 1);
  const bar = element("span", { class: "votebar" });
  bar.style.width = `${(room.votes[index] / most) * 100}%`;
  return element("span", { class: "votes" }, element("b", {}, String(room.votes[index])), bar);
}

function invitation(room) {
  return element(
    "p",
    { class: "invitation" },
    element("img", { src: "static/vote.svg", alt: "QR code of the page to vote on" }),
    element("span", {}, "Vote with your phone: ", element("code", {}, room.voteAt)),
  );
}

function plain(beat) {
  const words = Object.entries(beat).filter(([name]) => !["kind", "event", "at"].includes(name));
  return words.map(([, value]) => (typeof value === "string" ? value : JSON.stringify(value))).join(" ");
}

function sum(beat) {
  return Object.values(beat.statuses).reduce((all, count) => all + count, 0);
}

function table(rows) {
  const head = element("tr", {}, ...rows.columns.map((name) => element("th", { scope: "col" }, name)));
  const body = rows.rows.slice(-8).map((row) => element("tr", {}, ...row.map((value) => element("td", {}, value))));
  const more = rows.count - body.length;
  return element(
    "div",
    {},
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)),
    more > 0 ? element("p", { class: "quiet" }, `Not shown: ${plural(more, "earlier row")}.`) : null,
  );
}

function bars(counts) {
  const most = Math.max(...counts, 1);
  const shown = counts.map((count) => {
    const bar = element("span", { class: count ? "measure some" : "measure" }, String(count));
    bar.style.height = `${28 + (count / most) * 72}px`;
    return bar;
  });
  return element("div", { class: "measures" }, ...shown);
}

function code(text) {
  return element("pre", {}, text);
}

function diff(text) {
  const lines = text.split("\n").map((line) => {
    const kind = /^(\+\+\+|---|@@)/.test(line) ? "head" : { "+": "added", "-": "removed" }[line[0]];
    return element("span", { class: kind ?? null }, `${line}\n`);
  });
  return element("pre", { class: "diff" }, ...lines);
}
