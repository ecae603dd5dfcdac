"""Serves a learner's folder, starts anew at every save, and tells what happens meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Literal

from lab.appserver import ports, probe_events
from lab.appserver.served import Served
from lab.model import AppFailed, Crash, LabError, NotPossible
from lab.watch.saves import (
    LOOK,
    Changes,
    HalfWritten,
    Stamps,
    changed_files,
    half_written,
    settled,
)
from lab.workspace import databases
from lab.workspace.workspace import Workspace

TICK = 0.05  # seconds between two looks at what the app has printed


@dataclass(frozen=True)
class PortTaken:
    """Another program listens on the port; this one is taken in its place."""

    port: int
    holder: str | None
    instead: int


@dataclass(frozen=True)
class Started:
    """The app answers."""

    port: int
    docs: str | None  # the path of its /docs
    databases: tuple[str, ...]  # that it has opened by now


@dataclass(frozen=True)
class Answered:
    """The app has answered a request, or has ended without an answer."""

    method: str
    path: str
    status: int | None
    seconds: float


@dataclass(frozen=True)
class Crashed:
    """An exception has left the app."""

    request: str
    crash: Crash


@dataclass(frozen=True)
class Printed:
    """The app has printed a line."""

    line: str


@dataclass(frozen=True)
class Saved:
    """Files were saved: the app is started anew."""

    files: tuple[str, ...]


@dataclass(frozen=True)
class Down:
    """The app does not start, or has ended by itself. A save is waited for."""

    error: AppFailed


@dataclass(frozen=True)
class Reported:
    """What the probe has reported, as it came."""

    events: tuple[probe_events.Event, ...]


@dataclass(frozen=True)
class Stopped:
    """The app was stopped because somebody asked for it, or killed."""

    killed: bool


@dataclass(frozen=True)
class DatabaseDeleted:
    """Database files were deleted, under a running app perhaps; the snapshot has them."""

    files: tuple[str, ...]
    snapshot: int


@dataclass(frozen=True)
class NotDone:
    """What somebody asked for could not be done."""

    error: LabError


Event = (
    PortTaken
    | Started
    | Answered
    | Crashed
    | Printed
    | Saved
    | HalfWritten
    | Down
    | Reported
    | Stopped
    | DatabaseDeleted
    | NotDone
)
Order = Literal["stop", "kill", "start", "delete"]


@dataclass(frozen=True)
class Orders:
    """What somebody asks for while the app of a workspace is served. Given from any thread."""

    workspace: Workspace
    given: SimpleQueue[Order] = field(default_factory=SimpleQueue)

    def take(self) -> Iterator[Order]:
        """Yield what was asked for and not done yet."""
        with suppress(Empty):
            while True:
                yield self.given.get_nowait()


def events(server: Served, *, reload: bool, orders: Orders | None = None) -> Iterator[Event]:
    """Serve until somebody ends it, and yield what happens.

    Without `reload`, raises AppFailed where the app does not start or ends by itself; but where
    it was started by one of the `orders`.
    """
    changed = threading.Event()
    watching = Changes(server.folder, changed.set) if reload else nullcontext()
    with watching:
        known = settled(server.folder, None)
        yield from _start(server, reload)
        looked = time.monotonic()
        requests = _Requests()
        while True:
            closed = server.running and server.events.wait_closed(0)
            if server.running:
                reported = server.take(TICK)
                yield Reported(tuple(reported))
                yield from requests.seen(reported)
            else:
                changed.wait(TICK)
            yield from map(Printed, server.printed())
            if orders and not closed:
                yield from _ordered(server, orders)
            if closed:
                error = server.ended(requests.last)
                if not reload:
                    raise error
                yield Down(error)
            if reload and (changed.is_set() or time.monotonic() - looked > LOOK):
                changed.clear()
                now, looked = settled(server.folder, known), time.monotonic()
                yield from _saved(server, known, now)
                known = now


def _start(server: Served, reload: bool) -> Iterator[Event]:
    if server.port:  # else the app takes any: one found free here might be taken until it does
        port = ports.next_free(server.port)
        if port != server.port:
            yield PortTaken(server.port, ports.holder(server.port), port)
        server.port = port
    try:
        server.start()
    except AppFailed as error:
        server.printed()  # the error has it
        if not reload:
            raise
        yield Down(error)
        return
    yield from map(Printed, server.printed())
    yield Started(server.port, server.docs, tuple(server.databases()))


def _ordered(server: Served, orders: Orders) -> Iterator[Event]:
    """Do what was asked for."""
    for order in orders.take():
        if order == "delete":
            try:
                yield _delete(server, orders.workspace)
            except LabError as error:
                yield NotDone(error)
        elif order == "start" and not server.running:
            yield from _start(server, reload=True)
        elif order in ("stop", "kill") and server.running:
            reported = server.events
            server.kill() if order == "kill" else server.end()
            yield Reported(tuple(reported.take(0)))
            yield from map(Printed, server.printed())
            yield Stopped(order == "kill")


def _delete(server: Served, workspace: Workspace) -> DatabaseDeleted:
    """Delete the databases that the app has opened, after a snapshot, also while it runs."""
    there = [name for name in server.databases() if (server.folder / name).exists()]
    if not there:
        raise NotPossible(
            "Your API has opened no database file, so there is none to delete.",
            "Make a todo first.",
        )
    with workspace.locked("lab serve"):
        reason = f"before {' and '.join(there)} was deleted"
        snapshot = workspace.snapshots.take(reason, before_change=True)
        for name in there:
            databases.remove(server.folder / name, server.folder)
    return DatabaseDeleted(tuple(there), snapshot.id)


def _saved(server: Served, known: Stamps, now: Stamps) -> Iterator[Event]:
    """Start anew, where a file that an app is made of was saved and Python can read it."""
    changed = tuple(name for name in changed_files(known, now) if _makes_the_app(name))
    if not changed:
        return
    if half := half_written(server.folder, changed):
        yield half[0]
        return
    yield Saved(changed)
    server.end()
    yield from map(Printed, server.printed())
    yield from _start(server, reload=True)


def _makes_the_app(name: str) -> bool:
    """Return whether it is a source or a setting: what an app writes itself starts nothing anew."""
    return name.endswith((".py", ".env"))


class _Requests:
    """Puts together what the probe reports of each request."""

    def __init__(self) -> None:
        self._open: dict[int, probe_events.Event] = {}
        self._answered: set[int] = set()
        self.last: list[probe_events.Event] = []  # what was reported last

    def seen(self, reported: list[probe_events.Event]) -> Iterator[Event]:
        if reported:
            self.last = reported
        for event in reported:
            match event["event"]:
                case "hello":  # another process, which numbers its requests from 1
                    self._open.clear()
                    self._answered.clear()
                case "request":
                    self._open[event["request"]] = event
                case "response":
                    yield self._answer(event, event["status"])
                case "done":
                    yield from self._done(event)

    def _answer(self, event: probe_events.Event, status: int | None) -> Answered:
        began = self._open[event["request"]]
        self._answered.add(event["request"])
        seconds = event["at"] - began["at"]
        return Answered(began["method"], _path(began), status, seconds)

    def _done(self, event: probe_events.Event) -> Iterator[Event]:
        number = event["request"]
        if number not in self._answered:
            yield self._answer(event, None)
        began = self._open.pop(number)
        self._answered.discard(number)
        if crash := probe_events.crash_of(event["crash"]):
            yield Crashed(f"{began['method']} {_path(began)}", crash)


def _path(request: probe_events.Event) -> str:
    query = f"?{request['query']}" if request["query"] else ""
    return f"{request['path']}{query}"
