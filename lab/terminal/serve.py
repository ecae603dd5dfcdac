"""What `lab serve` prints: where the API is, a line a request, and what goes wrong."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from lab.appserver.served import docs_files
from lab.model import AppFailed
from lab.terminal.console import print_json
from lab.terminal.errors import as_document
from lab.terminal.lines import BAD, GOOD, NOTE, QUIET, whole
from lab.verify.evidence import own_words
from lab.watch.saves import HalfWritten
from lab.watch.serving import (
    Answered,
    Crashed,
    DatabaseDeleted,
    Down,
    Event,
    NotDone,
    PortTaken,
    Printed,
    Reported,
    Saved,
    Started,
    Stopped,
)

ENDED = "Your API has stopped. What it has saved is in its database."
WITHOUT_FILES = (
    "Without the internet that page stays empty: its scripts come from another host. "
    "`pip install fastapi-offline` brings them."
)


def url(port: int) -> str:
    """Return where the API is."""
    return f"http://127.0.0.1:{port}"


class Screen:
    """Prints each event, on a terminal or elsewhere."""

    def __init__(
        self, console: Console, folder: Path, reload: bool, board: str | None = None
    ) -> None:
        self._console = console
        self._folder = folder
        self._reload = reload
        self._board = board  # where it is
        self._port: int | None = None  # where the learner was told that the API is

    def show(self, event: Event) -> None:
        """Show what has happened."""
        console = self._console
        match event:
            case PortTaken(port, holder, instead):
                by = f" by {holder}" if holder else ""
                console.print(f"Port {port} is taken{by}, so this is port {instead}.", style=NOTE)
            case Started():
                self._started(event)
            case Answered():
                whole(console, _answered(event))
            case Crashed(request, crash):
                whole(console, Text(f"{request}: {crash}", BAD))
            case Printed(line):
                whole(console, Text(line, QUIET))
            case Saved(files):
                whole(
                    self._console,
                    Text(f"Saved: {', '.join(files)}. Starting your API anew ...", QUIET),
                )
            case HalfWritten(file, line, message):
                console.print(
                    f"{file}, line {line}: {message}. Waiting until it is whole; what ran before "
                    "this save runs on.",
                    style=NOTE,
                )
            case Down(error):
                self._down(error)
            case Stopped(killed):
                how = "killed: SIGKILL" if killed else "stopped: SIGTERM"
                whole(console, Text(f"Your API was {how}, from the board.", NOTE))
            case DatabaseDeleted(files, snapshot):
                undone = f"Snapshot {snapshot} has it: after Ctrl+C, `lab undo`."
                whole(console, Text(f"$ rm {' '.join(files)}", "bold"))
                whole(console, Text(undone, QUIET))
            case NotDone(error):
                whole(console, Text(f"{error.message} {error.remedy}", NOTE))

    def _started(self, event: Started) -> None:
        console = self._console
        if event.port == self._port:
            whole(console, Text("Your API has started anew.", QUIET))
            return
        self._port = event.port
        on = f", on {' and '.join(event.databases)}" if event.databases else ""
        console.print(Text.assemble("Your API is at ", (url(event.port), "bold"), f"{on}."))
        if event.docs:
            page = f"{url(event.port)}{event.docs}"
            console.print(Text.assemble("Try it in the browser: ", (page, "bold")))
            if not docs_files():
                console.print(WITHOUT_FILES, style=NOTE)
        if self._board:
            whole(console, Text.assemble("See what happens in it: ", (self._board, "bold")))
        again = " A save starts it anew." if self._reload else ""
        console.print(f"Ctrl+C stops it.{again}", style=QUIET)
        console.print()

    def _down(self, error: AppFailed) -> None:
        console = self._console
        console.print(error.message, style=f"bold {BAD}")
        if words := own_words(error.log, self._folder):
            console.print(Text(words, QUIET))
        console.print(f"{error.remedy} Waiting for a save.")


def _answered(event: Answered) -> Text:
    status = event.status or 500
    style = BAD if status >= 500 else NOTE if status >= 400 else GOOD
    said = str(event.status) if event.status else "no answer"
    line = Text(f"{event.method:<6} {event.path}  ")
    line.append(said, style)
    return line.append(f"  {event.seconds * 1000:.0f} ms", QUIET)


def show_end(console: Console) -> None:
    """Say that it is over, unless the terminal is gone."""
    with suppress(OSError):
        console.print(ENDED, style=QUIET)


def show_json(event: Event, board: str | None = None) -> None:
    """Print an event as one line; with the start, where the board is."""
    if isinstance(event, Reported):  # what becomes of it is printed
        return
    where = {"board": board} if isinstance(event, Started) else {}
    print_json({"event": _NAMES[type(event)], **_values(event), **where}, in_one_line=True)


_NAMES: dict[type[Event], str] = {
    PortTaken: "port_taken",
    Started: "started",
    Answered: "request",
    Crashed: "crash",
    Printed: "printed",
    Saved: "saved",
    HalfWritten: "half_written",
    Down: "down",
    Stopped: "stopped",
    DatabaseDeleted: "deleted",
    NotDone: "not_done",
}


def _values(event: Event) -> dict[str, Any]:
    match event:
        case Started(port, docs, databases):
            page = docs and url(port) + docs
            return {"url": url(port), "docs": page, "databases": list(databases)}
        case Down(error) | NotDone(error):
            return as_document(error)
        case Answered(method, path, status, seconds):
            milliseconds = round(seconds * 1000, 1)
            return {"method": method, "path": path, "status": status, "ms": milliseconds}
        case _:
            return asdict(event)
