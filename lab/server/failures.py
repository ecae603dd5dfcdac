"""Why a learner's app did not start or did not answer, in their own file, line and error."""

from __future__ import annotations

from lab.model import AppFailed, Crash, Frame
from lab.server.events import Event, crash_of, frame_of

# What a beginner can do about an error at start-up, by the name of the exception.
REMEDIES = {
    "SyntaxError": "Python cannot read that line: look at it, and at the one above it.",
    "IndentationError": "The line is not as far to the right as the lines around it say.",
    "TabError": "The line mixes tabs and spaces.",
    "ModuleNotFoundError": "Is the name spelled as the file or the package is? Is it installed?",
    "ImportError": "Is the name spelled as it is in the file that it comes from?",
    "NameError": "Is it spelled as it is where it is defined, and imported?",
    "SystemExit": "Something at the top level of a module ends the program. Take it out.",
}
LOG_LINES = 15


def not_started(
    said: Event | None, code: int | None, busy: Frame | None, seconds: float, log: str
) -> AppFailed:
    """The failure of a start.

    `said` is the event that ended it, if any; `code` the exit code of a process that has ended;
    `busy` the line that a process which hangs is at.
    """
    if said and said["event"] == "no_app":
        return AppFailed(
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
            REMEDIES.get(crash.kind, "Read the line that it names, and what is called there."),
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
    return AppFailed(
        f"The app did not start within {seconds:.0f} s.{where}",
        "Look for a loop or a call that waits, in what runs when the app is imported.",
        log=tail(log),
    )


def no_answer(
    request: str,
    reason: str,
    code: int | None,
    last: Event | None,
    busy: Frame | None,
    log: str,
) -> AppFailed:
    """The failure of a request that got no answer; `last` is an event that explains it, if any."""
    if last and last["event"] == "database":
        return outside(last)
    if code is not None:
        return AppFailed(
            f"The server ended while it answered {request} ({exit_words(code)}).",
            "Look for something in that endpoint that ends the process.",
            log=tail(log),
        )
    where = f" It is busy at {busy}." if busy else ""
    return AppFailed(
        f"{request} got {reason}.{where}",
        "Look for a loop that never ends, or for a call that waits, in that endpoint.",
        log=tail(log),
    )


def outside(event: Event) -> AppFailed:
    """The failure of an app that opens a database outside its folder."""
    frame = frame_of(event["frame"])
    return AppFailed(
        f"The app opens a database outside its folder: {event['path']}"
        + (f" ({frame})." if frame else "."),
        "The lab stopped it before it touched that file. Use a file in the app's own folder, "
        "such as sqlite:///./todos.db.",
        Crash("OutsideFolder", event["path"], frame),
    )


def exit_words(code: int) -> str:
    """An exit code as a person would say it."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def tail(log: str) -> str:
    """The last lines of a log."""
    return "\n".join(log.rstrip().splitlines()[-LOG_LINES:])
