"""One request through the learner's app as a timeline, and what never came back."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from lab.answers import faults
from lab.appserver.launchers import Launcher
from lab.appserver.probe_events import Event, Events, crash_of, frame_of
from lab.appserver.server import Server
from lab.model import Crash, Exchange, Frame, UsageError
from lab.workspace.operations import Request
from lab.workspace.workspace import Workspace

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
LONGEST_PATH = 60_000  # characters; h11 and httpx take little more
GRACE = 0.5  # seconds for what is on its way back when the request is done


class Kind(StrEnum):
    """What a step is. The values are the probe's own names."""

    REQUEST = "request"
    ENTERED = "entered"  # the learner's function that opens a session runs
    SESSION_OPENED = "session_opened"
    CHECKOUT = "checkout"
    FLUSH = "flush"
    SQL = "sql"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    DATABASE_ERROR = "database_error"
    RESPONSE = "response"
    CHECKIN = "checkin"
    SESSION_CLOSED = "session_closed"
    DONE = "done"


@dataclass(frozen=True)
class Step:
    """One thing that happened, so many milliseconds after the request had come.

    An SQL step is at the moment that it began. `number` tells sessions, and connections, apart.
    """

    kind: Kind
    at: float
    frame: Frame | None = None  # the learner's line that it happened in, where there is one
    number: int | None = None
    text: str | None = None  # the request, or the SQL
    values: str | None = None
    took: float | None = None  # milliseconds, of SQL
    status: int | None = None
    crash: Crash | None = None
    yields: bool | None = None  # of a function that was entered: whether it has a `yield`


@dataclass(frozen=True)
class Missing:
    """A session that was never closed, or a connection that never came back."""

    opened: Step  # SESSION_OPENED or CHECKOUT
    entered: Step | None  # the function that opened the session

    @property
    def what(self) -> str:
        """ "session" or "connection"."""
        return "session" if self.opened.kind is Kind.SESSION_OPENED else "connection"


@dataclass(frozen=True)
class Trace:
    """One request: its steps in their true order, what is missing at the end, the answer.

    Python's cyclic garbage collector was off: what is missing here would otherwise come back
    whenever the collector happens to run.
    """

    app: str | None
    steps: tuple[Step, ...]
    missing: tuple[Missing, ...]
    exchange: Exchange
    notices: tuple[str, ...] = ()  # what the copy of the workspace does without

    def first(self, kind: Kind) -> Step | None:
        """Return the first step of this kind."""
        return next((step for step in self.steps if step.kind is kind), None)

    def last(self, kind: Kind) -> Step | None:
        """Return the last step of this kind."""
        return next((step for step in reversed(self.steps) if step.kind is kind), None)

    @property
    def refused_by_schema(self) -> bool:
        """Whether FastAPI has refused the request for what was in it: no endpoint has run then."""
        return self.exchange.status == 422 and bool(faults(self.exchange.json))

    @property
    def closed_after(self) -> float | None:
        """Milliseconds from the response to the last close of a session; negative: before it.

        None where no session was closed.
        """
        response, closed = self.last(Kind.RESPONSE), self.last(Kind.SESSION_CLOSED)
        return closed.at - response.at if response and closed else None


def trace(
    workspace: Workspace,
    launcher: Launcher,
    method: str,
    path: str,
    body: str | None = None,
) -> Trace:
    """Send one request to a copy of the workspace, its databases included, and return what it did.

    `body` is JSON as it was typed. Nothing in the workspace changes. Raises UsageError for a
    request that cannot be sent, AppFailed where the app does not start or gives no answer.
    """
    request = request_of(method, path, body)
    with tempfile.TemporaryDirectory(prefix="lab-trace-") as temporary:
        folder = Path(temporary) / "app"
        copied = workspace.stage(folder)
        with Server(
            folder, launcher, workspace.app, todos=workspace.todos, collect=False
        ) as server:
            server.start()
            since = len(server.events)
            exchange = server.request(*request)
            server.settle()
            steps = _settled(server.events, since)
            return Trace(server.app, steps, missing(steps), exchange, copied.notices)


def request_of(method: str, path: str, body: str | None) -> Request:
    """Return the request as it will be sent. Raises UsageError where it cannot be."""
    if method.upper() not in METHODS:
        raise UsageError(
            f"{method} is no HTTP method.",
            f"Use one of {', '.join(METHODS)}; for example `lab trace GET /todos`.",
        )
    if not path.startswith("/") or path.startswith("//"):
        raise UsageError(
            f"{path} is no path in the API.", "A path begins with one slash, as in /todos."
        )
    if not path.isprintable() or " " in path:
        raise UsageError(
            f"{path!r} holds a character that cannot stand in a path.",
            "Write it in its encoded form: %20 for a space.",
        )
    if len(path) > LONGEST_PATH:
        raise UsageError("The path is longer than a request can hold.", "Choose a shorter one.")
    return method.upper(), path, None if body is None else _parsed(body)


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refused)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair cannot be sent
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"The body is no JSON: {error}.",
            "Put names and texts in double quotes, and single quotes around the whole: "
            '\'{"title": "Buy milk"}\'.',
        ) from error
    if value is None:
        raise UsageError("`null` is no body.", "To send none, leave it out.")
    return value


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is not part of JSON")


def _settled(events: Events, since: int) -> tuple[Step, ...]:
    """Return the steps of all that came after event `since`, once nothing more comes back."""
    deadline = time.monotonic() + GRACE
    while True:
        seen = len(events)
        steps = steps_of(events.all()[since:])
        left = deadline - time.monotonic()
        if left <= 0 or not missing(steps):
            return steps
        events.wait(left, lambda event: event["event"] in {"checkin", "session_closed"}, seen)


def steps_of(events: Sequence[Event]) -> tuple[Step, ...]:
    """Return the steps of the requests among the events: a redirect makes two of one."""
    came = next((event["at"] for event in events if event["event"] == "request"), None)
    if came is None:
        return ()
    # What a request opened may be closed outside of it. Small numbers, in the order of opening.
    own: dict[str, dict[int, int]] = {"session": {}, "connection": {}}
    steps = []
    for event in sorted(events, key=lambda event: event["at"] - event.get("seconds", 0.0)):
        if event["event"] not in set(Kind):
            continue
        what = next((name for name in own if name in event), None)
        known = own[what] if what else {}
        if event.get("request") is None and (what is None or event[what] not in known):
            continue
        number = known.setdefault(event[what], len(known) + 1) if what else None
        steps.append(_step(event, came, number))
    return tuple(steps)


def _step(event: Event, came: float, number: int | None) -> Step:
    took = event.get("seconds")
    is_request = event["event"] == Kind.REQUEST
    return Step(
        Kind(event["event"]),
        (event["at"] - (took or 0.0) - came) * 1000,
        frame_of(event.get("frame")),
        number,
        f"{event['method']} {event['path']}" if is_request else event.get("sql"),
        event.get("values"),
        None if took is None else took * 1000,
        event.get("status"),
        crash_of(event.get("crash")),
        event.get("yields"),
    )


def missing(steps: Sequence[Step]) -> tuple[Missing, ...]:
    """Return what was opened in these steps and neither closed nor given back."""
    open: dict[tuple[str, int | None], Missing] = {}
    entered: Step | None = None
    for step in steps:
        match step.kind:
            case Kind.ENTERED:
                entered = step
            case Kind.SESSION_OPENED:
                open["session", step.number] = Missing(step, entered)
            case Kind.CHECKOUT:
                open["connection", step.number] = Missing(step, None)
            case Kind.SESSION_CLOSED:
                open.pop(("session", step.number), None)
            case Kind.CHECKIN:
                open.pop(("connection", step.number), None)
    return tuple(open.values())
