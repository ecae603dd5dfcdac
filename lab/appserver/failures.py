"""Why a learner's app did not start or did not answer, in their own file, line and error."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lab.appserver.bounds import EVENT_BYTES, MEGABYTE
from lab.appserver.environment import DATABASE_URL
from lab.appserver.probe_events import Event, Events, crash_of, frame_of
from lab.known_errors import meaning
from lab.model import AppFailed, Crash, Frame, NoAnswer, NoApp, NotLent, TookTooLong

# What a beginner can do about an error at start-up, by the name of the exception.
REMEDIES = {
    "SyntaxError": "Python cannot read that line: look at it, and at the one above it.",
    "IndentationError": "The line is not as far to the right as the lines around it say.",
    "TabError": "The line mixes tabs and spaces.",
    "ModuleNotFoundError": "Is the name spelled as the file or the package is? Is it installed?",
    "ImportError": "Is the name spelled as it is in the file that it comes from?",
    "NameError": "Is it spelled as it is where it is defined, and imported?",
    "CompileError": "The database server wants a type said in full: a text needs a length, such as "
    "String(200).",
    "SystemExit": "The line that it names ends the program. What it has said before is in the log.",
}
TAKEN_OUT = (
    "The lab has kept your DATABASE_URL from the app, so that nothing is tried out on your own "
    "database. Write it into a .env in your folder, or give the lab a database: --database-url URL."
)
LOG_LINES = 15
LOG_WIDTH = 1000


def not_started(
    said: Event | None,
    code: int | None,
    busy: Frame | None,
    seconds: float,
    log: str,
    withheld: Collection[str],
) -> AppFailed:
    """Return the failure of a start.

    `said` is the event that ended it, if any; `code` the exit code of a process that has ended;
    `busy` the line that a process which hangs is at; `withheld` names the environment variables
    that the process was not given.
    """
    if said and said["event"] == "no_app":
        return NoApp(
            f"The lab found no app to start: {said['message']}.",
            "Name it with --app MODULE:ATTR, for example --app main:app.",
        )
    if said and said["event"] == "database":
        return outside(said)
    if said:
        crash = crash_of(said["crash"])
        assert crash is not None
        return AppFailed(
            f"The app does not start: {crash}",
            " ".join([_remedy(crash), *_kept_back(crash, withheld)]),
            crash,
            tail(log),
        )
    if code is not None:
        return AppFailed(
            f"The app ended while it was starting ({exit_words(code)}).",
            "Its last words are in the log. Something that is imported ends the process.",
            log=tail(log),
        )
    where = f" It is busy at {busy}." if busy else ""
    return TookTooLong(
        f"The app did not start within {seconds:.0f} s.{where}",
        "Look for a loop or a call that waits, in what runs on import or in the lifespan.",
        log=tail(log),
    )


def _kept_back(crash: Crash, withheld: Collection[str]) -> Iterator[str]:
    """Say which variables the lab has kept from the app, where it may have crashed over them."""
    if DATABASE_URL in withheld:
        yield TAKEN_OUT
    words = set(re.findall(r"\w+", f"{crash.message} {crash.frame.text if crash.frame else ''}"))
    if "Field required" in crash.message:  # settings name their fields in their own way
        words |= {word.upper() for word in words}
    for name in sorted(words.intersection(withheld) - {DATABASE_URL}):
        yield f"{name} is set where you called the lab, which hands no such variable to an app."


def _remedy(crash: Crash) -> str:
    else_ = "Read the line that it names, and what is called there."
    return meaning(crash, starting=True) or REMEDIES.get(crash.kind, else_)


def no_process(seconds: float) -> TookTooLong:
    """Return the failure of a start whose process was not there in time: no code of theirs ran."""
    return TookTooLong(
        f"The process for the app was not there within {seconds:.0f} s, and nothing of the app "
        "has run.",
        "The machine may be busy, or short of memory: try it again when it is not.",
    )


def out_of_time() -> TookTooLong:
    """Return the failure of a check that has used up its time, whichever request came last."""
    return TookTooLong(
        "The check ran out of time: the app is too slow.",
        "Look for a loop that never ends, or a call that waits for something.",
    )


def no_answer(
    request: str,
    reason: str,
    remedy: str,
    code: int | None,
    last: Event | None,
    busy: Frame | None,
    log: str,
) -> AppFailed:
    """Return the failure of a request without an answer; `last` is an event that explains it."""
    if last and last["event"] == "database":
        return outside(last)
    if code is not None:
        return AppFailed(
            f"The server ended while it answered {request} ({exit_words(code)}).",
            "Look for something in that endpoint that ends the process.",
            log=tail(log),
        )
    where = f" It is busy at {busy}." if busy else ""
    return NoAnswer(f"{request} got {reason}.{where}", remedy, log=tail(log))


def refused(events: Events) -> AppFailed | None:
    """Return the failure of an app that was ended for what its process reported; else None."""
    if events.forged:
        return AppFailed(
            "The lab ended the app: on the connection to the lab came what the lab's probe in the "
            "app's process never sends.",
            "Look for something in the app that writes to, or closes, what it has not opened.",
        )
    if not events.overflowed:
        return None
    return AppFailed(
        "The app did so much in its database that the lab ended it: more than "
        f"{EVENT_BYTES // MEGABYTE} MB of statements.",
        "Look for a loop around a query, or for one statement that is built up without end.",
    )


def outside(event: Event) -> AppFailed:
    """Return the failure of an app that opens a database outside its folder.

    It may be right to do so, where that is meant, but the lab cannot tell.
    """
    frame = frame_of(event["frame"])
    if event.get("server"):
        return NotLent(
            f"The app connects to a database that the lab has not lent it: {event['path']}"
            + (f" ({frame})." if frame else "."),
            "The lab stopped it before it touched that database. Let the app read its URL from "
            "DATABASE_URL, and name the database to the lab: --database-url URL.",
            Crash("OutsideFolder", event["path"], frame),
        )
    return (NotLent if event.get("meant") else AppFailed)(
        f"The app opens a database outside its folder: {event['path']}"
        + (f" ({frame})." if frame else "."),
        "The lab stopped it before it touched that file. Use a file in the app's own folder, "
        "which is where its code is, and not always where it is started.",
        Crash("OutsideFolder", event["path"], frame),
    )


def exit_words(code: int) -> str:
    """Return an exit code as a person would say it."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def tail(log: str) -> str:
    """Return the last lines of a log."""
    lines = log.rstrip().splitlines()[-LOG_LINES:]
    return "\n".join(
        line if len(line) <= LOG_WIDTH else f"{line[:LOG_WIDTH]} ... ({len(line):,} characters)"
        for line in lines
    )
