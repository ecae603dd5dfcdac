"""What a play yields: one frozen value for each thing that happened, and questions to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from lab.judge.todos import Todo, many_in, one_in
from lab.model import Crash, Exchange, Frame
from lab.workspace.databases import Rows


@dataclass(frozen=True)
class Chapter:
    """A part of the play begins."""

    title: str


@dataclass(frozen=True)
class Said:
    """A sentence to the learner."""

    text: str


@dataclass(frozen=True)
class Started:
    """The server serves; `anew` are the database files that were not there before."""

    again: bool
    collect: bool
    pool_timeout: float | None
    anew: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stopped:
    """The server has ended, by SIGTERM or by SIGKILL."""

    killed: bool


@dataclass(frozen=True)
class Sent:
    """One request and its answer; `provoked` where the lab made it fail."""

    exchange: Exchange
    provoked: bool = False


@dataclass(frozen=True)
class Crowded:
    """Many requests at the same moment, and how the first one that failed crashed."""

    exchanges: tuple[Exchange, ...]
    seconds: float
    crash: Crash | None = None


@dataclass(frozen=True)
class Measured:
    """The connections that were checked out of the pool after each of some requests."""

    request: str
    exchanges: tuple[Exchange, ...]
    out: tuple[int, ...]
    frame: Frame | None  # the learner's line that took one of them


@dataclass(frozen=True)
class Burst:
    """The writes that were answered before the server was killed in the middle of more."""

    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True)
class RowsShown:
    """The rows of the todos in the database file; None where there is no such table or file."""

    files: tuple[str, ...]  # the database files that there are
    rows: Rows | None


@dataclass(frozen=True)
class Drifted:
    """What the tables lack of the models, a sentence each; none where they agree."""

    lacks: tuple[str, ...]


@dataclass(frozen=True)
class FilesShown:
    """The database files: name, bytes, and todos in it, None where it is no database of them."""

    files: tuple[tuple[str, int, int | None], ...]


@dataclass(frozen=True)
class Moved:
    """The next start is made from this folder below the workspace; "" for the workspace."""

    folder: str
    removed: tuple[str, ...] = ()  # folders that the lab had made


@dataclass(frozen=True)
class SourceShown:
    """A file of the app."""

    file: str
    source: str


@dataclass(frozen=True)
class Changed:
    """Sources were changed, or came to be."""

    diff: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deleted:
    """Database files were deleted."""

    files: tuple[str, ...]
    running: bool  # under a running server


@dataclass(frozen=True)
class Migrated:
    """Columns were added to a database, by this SQL; none where nothing was missing."""

    file: str
    sql: tuple[str, ...]


@dataclass(frozen=True)
class Commanded:
    """A command was run in the app's folder, and it said this."""

    command: str
    output: str


@dataclass(frozen=True)
class RowsMoved:
    """Rows were moved to a database server; `rehearsed` where in a database that will be gone."""

    place: str
    tables: tuple[tuple[str, int], ...]  # (table, how many rows)
    rehearsed: bool


@dataclass(frozen=True)
class ConnectionsDropped:
    """The database server has ended the app's connections."""

    count: int


@dataclass(frozen=True)
class Compared:
    """What was asked, and what happened. None stands for no prediction, and for no choice."""

    question: str
    choices: tuple[str, ...]
    predicted: int | None
    happened: int | None
    why: str

    @property
    def right(self) -> bool:
        """Whether the prediction came true."""
        return self.predicted is not None and self.predicted == self.happened


@dataclass(frozen=True)
class Unexpected:
    """The play did not come to what it is for, on this app. The workspace stays as it was."""

    text: str


@dataclass(frozen=True)
class NothingToDo:
    """The exercise has nothing to do here. The workspace stays as it was."""

    text: str


@dataclass(frozen=True)
class Kept:
    """The workspace was changed; the snapshot leads back."""

    changed: tuple[str, ...]
    snapshot: int | None


@dataclass(frozen=True)
class Next:
    """What to do now."""

    text: str
    commands: tuple[tuple[str, str], ...]  # (command, what it does)


Event = (
    Chapter
    | Said
    | Started
    | Stopped
    | Sent
    | Crowded
    | Measured
    | Burst
    | RowsShown
    | Drifted
    | SourceShown
    | FilesShown
    | Moved
    | Changed
    | Deleted
    | Migrated
    | Commanded
    | RowsMoved
    | ConnectionsDropped
    | Compared
    | Unexpected
    | NothingToDo
    | Kept
    | Next
)


def as_json(event: Event) -> dict[str, Any]:
    """The event as plain values, its name under "event"."""
    return {"event": type(event).__name__.lower(), **asdict(event)}


@dataclass(frozen=True)
class Seen:
    """What one part of a play has seen so far; predicates and sentences are made from it."""

    events: tuple[Event, ...] = ()
    earlier: Seen | None = None  # the part of the play before the change

    @property
    def before(self) -> Seen:
        """What was seen before the change; nothing where there was no such part."""
        return self.earlier or Seen()

    def exchanges(self, request: str | None = None) -> list[Exchange]:
        """Every exchange, in order: all, or those of a request such as "GET /todos"."""
        found: list[Exchange] = []
        for event in self.events:
            if isinstance(event, Sent):
                found.append(event.exchange)
            elif isinstance(event, Crowded | Measured | Burst):
                found += event.exchanges
        return [x for x in found if request in (None, f"{x.method} {x.path}")]

    def status(self, request: str) -> int:
        """The status of the last answer to the request; 0 where there is none."""
        found = self.exchanges(request)
        return found[-1].status if found else 0

    def json(self, request: str) -> Any:
        """The body of the last answer to the request; None where there is none."""
        found = self.exchanges(request)
        return found[-1].json if found else None

    def listed(self, request: str = "GET /todos") -> list[Todo]:
        """The todos in the last answer to the request; none where it was no list."""
        return many_in(self.json(request)) or []

    def made(self) -> list[Todo]:
        """The todos that a POST made and answered with a 2xx."""
        answers = [x for x in self.exchanges() if x.method == "POST" and x.ok]
        return [todo for x in answers if (todo := one_in(x.json))]

    def kept(self) -> int:
        """How many of made() are in the last list, with their titles."""
        listed = [(todo.get("id"), todo.get("title")) for todo in self.listed()]
        return sum((todo.get("id"), todo.get("title")) in listed for todo in self.made())

    def left(self) -> tuple[object, ...]:
        """The titles that made() have in the last list, without those that it lacks."""
        ids = [todo.get("id") for todo in self.made()]
        return tuple(todo.get("title") for todo in self.listed() if todo.get("id") in ids)

    def failed(self) -> list[Exchange]:
        """The exchanges that were no 2xx, but for those that were meant to fail."""
        meant = [
            event.exchange for event in self.events if isinstance(event, Sent) and event.provoked
        ]
        for event in self.events:
            if isinstance(event, Measured):
                meant += [exchange for exchange in event.exchanges if exchange.status < 500]
        return [x for x in self.exchanges() if not x.ok and not any(x is y for y in meant)]

    def out(self) -> int:
        """How many connections were out in the end; 0 where nobody counted."""
        counts = [event.out for event in self.events if isinstance(event, Measured)]
        return counts[-1][-1] if counts and counts[-1] else 0

    def rows(self) -> int:
        """How many rows were in the database file when it was last shown."""
        shown = [event.rows for event in self.events if isinstance(event, RowsShown)]
        return len(shown[-1].rows) if shown and shown[-1] else 0

    def table(self) -> bool:
        """Whether the database file had a table of todos when it was last shown."""
        shown = [event.rows for event in self.events if isinstance(event, RowsShown)]
        return bool(shown) and shown[-1] is not None

    def files(self) -> list[str]:
        """The database files and what lay beside them when they were last shown."""
        shown = [event.files for event in self.events if isinstance(event, FilesShown)]
        return [name for name, _, _ in shown[-1]] if shown else []

    def drift(self) -> tuple[str, ...]:
        """What the tables lacked of the models, when that was last asked."""
        found = [event.lacks for event in self.events if isinstance(event, Drifted)]
        return found[-1] if found else ()

    def crashed(self, words: str) -> bool:
        """Whether the app raised an error whose message has these words."""
        crashes = [event.crash for event in self.events if isinstance(event, Crowded)]
        crashes += [exchange.crash for exchange in self.exchanges()]
        return any(crash and words in crash.message for crash in crashes)


def gist(crash: Crash) -> str:
    """The message of an error without the names of the classes that it passed through."""
    message = crash.message
    while message.startswith("(") and ") " in message:
        message = message.partition(") ")[2]
    return message or crash.kind


def said(exchange: Exchange) -> str:
    """What a request came to, in a few words."""
    words = f"{exchange.method} {exchange.path} answers {exchange.status}"
    return f"{words} ({gist(exchange.crash)})" if exchange.crash else words


def summary(seen: Seen) -> str:
    """The requests of one part of a play with how often each status came."""
    counted = Counter((f"{x.method} {x.path}", x.status) for x in seen.exchanges())
    return ", ".join(
        f"{request} {status}" + (f" ({times} times)" if times > 1 else "")
        for (request, status), times in counted.items()
    )
