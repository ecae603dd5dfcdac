"""What the probe reports, put together for a page: requests, the pool, and the last answer.

A page gets a request as one event: once when it is over, and before that where it lasts. Beyond so
many a second they are counted, and not drawn.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lab.answers import parsed, todos_in
from lab.appserver.probe_events import Event, crash_of, frame_of
from lab.board.ring import PageEvent, now
from lab.board.tables import table_of_todos

DRAWN = 40  # requests a second
OF_A_METHOD = 5  # at the least: what a person does is drawn beside a load of another kind
STEPS = 60  # of one request
OUT_SHOWN = 20  # connections
LONGEST = 300  # characters of a statement, of an answer that is no table

# Where the line of a request goes with each step: client, endpoint, session, pool, file.
LANES = {
    "session_opened": ("session", "session opened"),
    "flush": ("session", "flush"),
    "checkout": ("pool", "connection checked out"),
    "commit": ("file", "commit"),
    "rollback": ("file", "rollback"),
    "checkin": ("session", "connection returned"),
    "session_closed": ("endpoint", "session closed"),
}


def milliseconds(at: float) -> float:
    """Return a moment of the probe's clock, which the whole machine shares, since 1970, in ms."""
    return round((time.time() - (time.perf_counter() - at)) * 1000, 2)


@dataclass
class _Request:
    """One request, as far as it is known."""

    id: str
    began: float
    method: str
    path: str
    is_drawn: bool
    steps: list[PageEvent] = field(default_factory=list)
    status: int | None = None
    seconds: float | None = None  # to the answer
    endpoint: str | None = None
    crash: str | None = None
    over: float | None = None  # seconds until all was done
    state: str = "open"  # then "done", or "cut" where its process has ended before
    opener: Any = None  # the function that opens the session

    def add(self, event: Event, lane: str, what: str, **more: Any) -> None:
        """Add one step, unless there are too many."""
        if self.is_drawn and len(self.steps) < STEPS:
            moment = round((event["at"] - self.began) * 1000, 2)
            self.steps.append({"ms": moment, "lane": lane, "what": what, **more})

    def as_event(self) -> PageEvent:
        return {
            "kind": "request",
            "id": self.id,
            "at": milliseconds(self.began),
            "method": self.method,
            "path": self.path,
            "endpoint": self.endpoint,
            "status": self.status,
            "ms": _in_ms(self.seconds),
            "over": _in_ms(self.over),
            "steps": self.steps,
            "crash": self.crash,
            "state": self.state,
        }


class Requests:
    """Follows the requests of one process after the other."""

    def __init__(self) -> None:
        self._process = 0
        self._open: dict[int, _Request] = {}
        self._changed: dict[str, _Request] = {}
        self._pool: PageEvent = {"type": None, "size": None, "overflow": None}
        self._out: dict[int, PageEvent] = {}
        self._peak = 0  # connections that were out at once since the pool was told of
        self._told: PageEvent = {}  # of the pool
        self._answer: tuple[_Request, Event] | None = None
        self._second = 0
        self._begun: Counter[str] = Counter()  # in that second, by method
        self._left_out: Counter[str] = Counter()

    def seen(self, events: Iterable[Event]) -> None:
        """Take what the probe has reported."""
        for event in events:
            self._see(event)

    def ended(self) -> None:
        """Note that the process has ended, and with it whatever was open."""
        for request in self._open.values():
            request.state, request.over = "cut", time.perf_counter() - request.began
            self._has_changed(request)
        self._open.clear()
        self._out.clear()

    def take(self) -> list[PageEvent]:
        """Give away what a page is to be told since the last time."""
        told = [request.as_event() for request in self._changed.values()]
        self._changed.clear()
        if self._answer:
            told.append(_answer(*self._answer))
            self._answer = None
        pool = {"kind": "pool", **self._pool, "count": len(self._out), "peak": self._peak}
        pool["out"] = self._shown()
        self._peak = len(self._out)
        if pool != self._told:
            self._told = pool
            told.append({**pool, "at": now()})
        if self._left_out and int(time.time()) > self._second:
            told.append(self._thinned())
        return told

    def _thinned(self) -> PageEvent:
        statuses, self._left_out = dict(self._left_out), Counter()
        at = self._second * 1000
        return {"kind": "thinned", "at": at, "statuses": statuses, "count": sum(statuses.values())}

    def _see(self, event: Event) -> None:
        match event["event"]:
            case "hello":  # another process, which numbers its requests from 1
                self.ended()
                self._process += 1
            case "request":
                self._begin(event)
            case "pool":
                names = {"type": event["pool"]}
                self._pool = {**names, "size": event["size"], "overflow": event["overflow"]}
            case "checkout":
                self._out[event["connection"]] = self._holder(event)
                self._peak = max(self._peak, len(self._out))
            case "checkin":
                self._out.pop(event["connection"], None)
        request = self._open.get(event.get("request") or 0)
        if request:
            self._step(request, event)

    def _begin(self, event: Event) -> None:
        second = int(milliseconds(event["at"]) / 1000)
        if second != self._second:
            self._second, self._begun = second, Counter()
        self._begun[event["method"]] += 1
        number = event["request"]
        query = f"?{event['query']}" if event["query"] else ""
        self._open[number] = _Request(
            f"{self._process}.{number}",
            event["at"],
            event["method"],
            f"{event['path']}{query}"[:LONGEST],
            self._begun.total() <= DRAWN or self._begun[event["method"]] <= OF_A_METHOD,
        )

    def _step(self, request: _Request, event: Event) -> None:
        """Add what was reported of a request."""
        name = event["event"]
        where = _where(event.get("frame"))
        match name:
            case "entered":
                request.opener = event["frame"]
                return
            case "sql":
                took = round(event["seconds"] * 1000, 2)
                sql = " ".join(event["sql"].split())[:LONGEST]
                began = {**event, "at": event["at"] - event["seconds"]}
                request.add(began, "file", sql, took=took, where=where)
            case "database_error":
                request.add(event, "file", str(crash_of(event["crash"])), where=where, bad=True)
            case "session_opened":
                opened = _where(request.opener) or where
                request.add(event, *LANES[name], where=opened)
            case "response":
                request.status, request.seconds = event["status"], event["at"] - request.began
                request.add(event, "client", f"answer: {event['status']}")
            case "answer":
                request.endpoint = event["endpoint"]
                self._answer = (request, event)
            case "done":
                self._done(request, event)
            case _ if name in LANES:
                request.add(event, *LANES[name], where=where)
        self._has_changed(request)

    def _done(self, request: _Request, event: Event) -> None:
        request.state, request.over = "done", event["at"] - request.began
        request.crash = str(crash_of(event["crash"])) if event["crash"] else None
        del self._open[event["request"]]
        request.add(event, "endpoint", "all done")
        if not request.is_drawn:
            self._left_out[str(request.status)] += 1

    def _has_changed(self, request: _Request) -> None:
        if request.is_drawn:
            self._changed[request.id] = request

    def _holder(self, event: Event) -> PageEvent:
        request = self._open.get(event["request"] or 0)
        frame = frame_of(event["frame"])
        return {
            "number": event["request"],
            "request": f"{request.method} {request.path}" if request else "at the start",
            "where": f"{frame.file}:{frame.line} in {frame.function}" if frame else "",
            "text": frame.text[:LONGEST] if frame else "",
            "since": milliseconds(event["at"]),
        }

    def _shown(self) -> list[PageEvent]:
        """Return who holds the connections that are out, the oldest first."""
        held = list(self._out.values())[:OUT_SHOWN]
        return [{**each, "is_over": each["number"] not in self._open} for each in held]


def _in_ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)


def _where(frame: Any) -> str:
    found = frame_of(frame)
    return f"{found.file}:{found.line} in {found.function}" if found else ""


def _answer(request: _Request, event: Event) -> PageEvent:
    """Return the last answer: a table where it is one, else its text."""
    told: PageEvent = {
        "kind": "answer",
        "at": milliseconds(event["at"]),
        "request": f"{request.method} {request.path}",
        "status": request.status,
        "bytes": event["bytes"],
        "text": (event["text"] or "")[:LONGEST],
    }
    todos = todos_in(parsed(event["text"] or ""))
    return told if todos is None else told | {"table": table_of_todos(todos)}
