"""What one part of a play has seen: questions to its events, and the words for them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from lab.answers import Todo, many_in, one_in
from lab.model import Crash, Exchange
from lab.scenario.events import (
    BackupTried,
    ConnectionsCounted,
    DriftShown,
    Event,
    FilesShown,
    KilledInBurst,
    PowerCut,
    Requested,
    RequestedAtOnce,
    RequestedBetween,
    RowsShown,
    StartedAtOnce,
    StatementsCounted,
    TestRan,
)

MANY = RequestedAtOnce | RequestedBetween | ConnectionsCounted | KilledInBurst | BackupTried


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
            if isinstance(event, Requested | StatementsCounted):
                found.append(event.exchange)
            elif isinstance(event, MANY):
                found += event.exchanges
        return [x for x in found if request in (None, f"{x.method} {x.path}")]

    def status(self, request: str) -> int:
        """Return the status of the last answer to the request; 0 where there is none."""
        found = self.exchanges(request)
        return found[-1].status if found else 0

    def json(self, request: str) -> Any:
        """Return the body of the last answer to the request; None where there is none."""
        found = self.exchanges(request)
        return found[-1].json if found else None

    def listed(self, request: str = "GET /todos") -> list[Todo]:
        """Return the todos in the last answer to the request; none where it was no list."""
        return many_in(self.json(request)) or []

    def made(self) -> list[Todo]:
        """Return the todos that a POST made and answered with a 2xx."""
        answers = [x for x in self.exchanges() if x.method == "POST" and x.ok]
        return [todo for x in answers if (todo := one_in(x.json))]

    def last_made(self) -> Todo:
        """Return what was made last, as the last list has it; nothing where it is not there."""
        ids = [todo.get("id") for todo in self.made()][-1:]
        return next((todo for todo in self.listed() if todo.get("id") in ids), {})

    def kept(self) -> int:
        """How many of made() are in the last list, with their titles.

        What a POST has answered with a message alone is known by the title that was sent.
        """
        listed = [(todo.get("id"), todo.get("title")) for todo in self.listed()]
        made = sum((todo.get("id"), todo.get("title")) in listed for todo in self.made())
        posts = [
            x for x in self.exchanges() if x.method == "POST" and x.ok and isinstance(x.sent, dict)
        ]
        titles = [x.sent.get("title") for x in posts if one_in(x.json) is None]
        return made + sum(title in [each for _, each in listed] for title in titles)

    def left(self) -> tuple[object, ...]:
        """Return the titles that made() have in the last list, without those that it lacks."""
        ids = [todo.get("id") for todo in self.made()]
        return tuple(todo.get("title") for todo in self.listed() if todo.get("id") in ids)

    def failed(self) -> list[Exchange]:
        """Return the exchanges that were no 2xx, but for those that were meant to fail."""
        meant: list[Exchange] = []
        for event in self.events:
            if isinstance(event, Requested) and event.provoked:
                meant.append(event.exchange)
            elif isinstance(event, ConnectionsCounted | RequestedBetween):
                meant += [exchange for exchange in event.exchanges if exchange.status < 500]
        return [x for x in self.exchanges() if not x.ok and not any(x is y for y in meant)]

    def refused(self) -> set[str]:
        """Return the fields that FastAPI has refused a body for, each for its value."""
        bodies = [x.json for x in self.exchanges() if x.status == 422]
        errors = [e for body in bodies if isinstance(body, dict) for e in body.get("detail", ())]
        known = [e for e in errors if isinstance(e, dict) and e.get("type") != "extra_forbidden"]
        return {str(error["loc"][-1]) for error in known if error.get("loc")}

    def waited(self) -> bool:
        """Whether a request had to wait for another one that was held."""
        return any(event.waited for event in self.events if isinstance(event, RequestedBetween))

    def serving(self) -> int:
        """How many of two processes that were started at once have come to serve."""
        starts = [event.failures for event in self.events if isinstance(event, StartedAtOnce)]
        return starts[-1].count("") if starts else 0

    def out(self) -> int:
        """How many connections were out in the end; 0 where nobody counted."""
        counts = [event.out for event in self.events if isinstance(event, ConnectionsCounted)]
        return counts[-1][-1] if counts and counts[-1] else 0

    def statements(self) -> tuple[int, ...]:
        """How many statements each request needed whose statements were counted, in their order."""
        return tuple(event.count for event in self.events if isinstance(event, StatementsCounted))

    def cuts(self) -> int:
        """How many disks that a power cut could leave lacked a todo, or were damaged."""
        cuts = [event for event in self.events if isinstance(event, PowerCut)]
        return sum(cut.lacking + cut.damaged for cut in cuts)

    def tests_failed(self) -> tuple[bool, ...]:
        """Whether each test that was run has failed, in their order."""
        return tuple(not event.passed for event in self.events if isinstance(event, TestRan))

    def rows(self) -> int:
        """How many rows were in the database file when it was last shown."""
        shown = [event.rows for event in self.events if isinstance(event, RowsShown)]
        return len(shown[-1].rows) if shown and shown[-1] else 0

    def table(self) -> bool:
        """Whether the database file had a table of todos when it was last shown."""
        shown = [event.rows for event in self.events if isinstance(event, RowsShown)]
        return bool(shown) and shown[-1] is not None

    def files(self) -> list[str]:
        """Return the database files and what lay beside them when they were last shown."""
        shown = [event.files for event in self.events if isinstance(event, FilesShown)]
        return [name for name, _, _ in shown[-1]] if shown else []

    def drift(self) -> tuple[str, ...]:
        """Return what the tables lacked of the models, when that was last asked."""
        found = [event.lacks for event in self.events if isinstance(event, DriftShown)]
        return found[-1] if found else ()

    def crashed(self, words: str) -> bool:
        """Whether the app raised an error whose message has these words."""
        crashes = [event.crash for event in self.events if isinstance(event, RequestedAtOnce)]
        crashes += [exchange.crash for exchange in self.exchanges()]
        return any(crash and words in crash.message for crash in crashes)


def gist(crash: Crash) -> str:
    """Return the message of an error without the names of the classes that it passed through."""
    message = crash.message
    while message.startswith("(") and ") " in message:
        message = message.partition(") ")[2]
    return message or crash.kind


def said(exchange: Exchange) -> str:
    """Return what a request came to, in a few words."""
    words = f"{exchange.method} {exchange.path} answers {exchange.status}"
    return f"{words} ({gist(exchange.crash)})" if exchange.crash else words


def summary(seen: Seen) -> str:
    """Return the requests of one part of a play with how often each status came."""
    counted = Counter((f"{x.method} {x.path}", x.status) for x in seen.exchanges())
    return ", ".join(
        f"{request} {status}" + (f" ({times} times)" if times > 1 else "")
        for (request, status), times in counted.items()
    )
