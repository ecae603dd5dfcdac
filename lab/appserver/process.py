"""A learner's app as a real process: started, stopped, killed, and what it printed."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self, TypedDict

from lab.appserver import environment, failures
from lab.appserver.launchers import Launcher, Process
from lab.appserver.log import Log
from lab.appserver.probe_events import Event, Events, accept
from lab.appserver.spec import Spec
from lab.appserver.timeouts import START_SECONDS, STOP_SECONDS
from lab.dbserver.url import DatabaseURL
from lab.model import AppFailed, Frame


class Options(TypedDict, total=False):
    """How a process is started, beside where its app is."""

    collect: bool
    pool_timeout: float | None
    database_url: DatabaseURL | None
    seconds: float | None
    record_disk: Path | None


class ServerProcess:
    """One folder with a learner's app, served by one process at a time.

    The folder is a copy that belongs to the server: what the app writes stays in it from one
    start to the next. Every method that needs the app raises AppFailed where it does not start,
    dies, or gives no answer in time; so does each once `seconds`, from now, are over.
    """

    def __init__(
        self,
        folder: Path,
        launcher: Launcher,
        app: str | None = None,
        *,
        collect: bool = True,
        pool_timeout: float | None = None,
        database_url: DatabaseURL | None = None,
        seconds: float | None = None,
        record_disk: Path | None = None,
    ) -> None:
        self.folder = folder
        self.app = app
        self.collect = collect
        self.pool_timeout = pool_timeout
        self.database_url = database_url
        self.cwd = ""  # where the next process is started, below the folder
        self.volume = ""  # below the folder, what the next process is told to keep its data in
        self.time_zone = ""  # of the next process, as TZ names one; "": the machine's
        self.is_fork = True  # whether the next process may be a fork of the launcher's
        self.log = Log(folder, database_url)
        self.record_disk = record_disk
        self.launcher = launcher
        self._deadline = time.monotonic() + seconds if seconds else None
        self._process: Process | None = None
        self._has_begun = False  # to start
        self._began = 0  # where the log of the process begins
        self._events: Events | None = None
        self._port = 0  # of the running process
        self.docs: str | None = None  # the path of the page that FastAPI makes about the app
        self._documents: list[list[str]] = []  # where the app is, and the path of its document

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.log.remove()

    @property
    def running(self) -> bool:
        """Whether a process was started and not stopped or killed since."""
        return self._events is not None

    @property
    def events(self) -> Events:
        """What the probe of the running process reports."""
        assert self._events is not None, "the server does not run"
        return self._events

    def start(self) -> None:
        """Start a process, or go on with a start that was begun, and return when it serves."""
        try:
            if not self._has_begun:
                self._launch()
            elif self._events:
                self._events.release()
            self._has_begun = False
            self._serve()
        except BaseException:
            self.kill()
            raise

    def begin(self, *, holds: bool = False) -> None:
        """Begin to start a process; start() goes on with it, and returns when it serves.

        One that `holds` waits before it makes its first table, until start() goes on with it.
        """
        self._launch(holds_start=holds)
        self._has_begun = True

    def comes_to(self, seconds: float, *others: str) -> str:
        """Return what a start that was begun comes to within `seconds`, by the event's name.

        That is "held", "serving", "crash" or one of the `others`; "" where it goes on, or has
        ended without a word.
        """
        names = {"held", *others}
        came = self._events and self._events.wait(
            self._left(seconds), lambda event: event["event"] in names or _ends_start(event)
        )
        return str(came["event"]) if came else ""

    def _launch(self, *command: str, holds_start: bool = False) -> Process:
        """Launch the next process, and wait for its line to the lab."""
        assert self._process is None, "the server runs already"
        self._began = self.log.size()
        token = secrets.token_hex(8)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            spec = self.spec(listening.getsockname(), token)
            spec = replace(spec, command=command, holds_start=holds_start)
            self._process = process = self.launcher.launch(spec)
            seconds = self._left(START_SECONDS)
            self._events = accept(listening, token, seconds, lambda: process.wait(0) is not None)
            return process

    def spec(self, channel: tuple[str, int] = ("", 0), token: str = "") -> Spec:
        """Return what the next process is started with."""
        return Spec(
            folder=str(self.folder),
            app=self.app,
            channel=channel,
            token=token,
            log=str(self.log.path),
            collect=self.collect,
            pool_timeout=self.pool_timeout,
            database_url=self.database_url.secret if self.database_url else None,
            preload=self.database_url.modules if self.database_url else (),
            cwd=self.cwd,
            record_disk=str(self.record_disk or ""),
            volume=str(self.folder / self.volume) if self.volume else "",
            time_zone=self.time_zone,
            is_fork=self.is_fork,
        )

    def _serve(self) -> None:
        events = self._events
        said = events and events.wait(self._left(START_SECONDS), _ends_start)
        if not events or not said or said["event"] != "serving":
            raise self._not_started(said or None)
        listening = events.wait(0, lambda event: event["event"] == "listening")
        assert listening is not None
        self.app = said["app"]
        self._documents = said["documents"]
        self.docs = said["docs"]
        self._port = listening["port"]

    def run(
        self, command: Sequence[str], seconds: float, begun: Callable[[], object] = lambda: None
    ) -> tuple[int | None, list[Event]]:
        """Run a command on the app, in its place.

        Returns the exit code, None where it goes on, and what the probe has told of it. What it
        prints is in the log. `begun` is called when its process is there, however long that has
        taken.
        """
        try:
            process = self._launch(*command)
            begun()
            code = process.wait(self._left(seconds))
            process.destroy()
            if self._events is None:
                return code, []
            self._events.wait_closed(1.0)  # all that it has told is read then
            return code, self._events.all()
        finally:
            self.kill()

    def stop(self, seconds: float = STOP_SECONDS, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop as `kill` would, waiting for open requests. Returns the exit code.

        By SIGINT, as Ctrl+C would: then Python ends in order, with what the app has for atexit.
        An app that takes its time to end has as much left for the rest as before.
        """
        began = time.monotonic()
        process = self._process
        assert process is not None, "the server does not run"
        process.send(by if os.name == "posix" else signal.SIGTERM)  # Windows has no more
        if self._events is not None:
            self._events.wait_closed(seconds)
        code = process.wait(seconds)
        self.kill()
        self.give(time.monotonic() - began)
        return -signal.SIGKILL if code is None else code

    def kill(self) -> None:
        """End the process at once, with SIGKILL, and whatever it started. Safe to repeat."""
        process, events = self._process, self._events
        self._process = self._events = None
        self._has_begun = False
        if process:
            process.destroy()
        if events is not None:
            events.close()

    def abort(self) -> None:
        """End the process, and let whatever uses this server fail at once. From any thread."""
        self._deadline = 0.0
        if process := self._process:
            process.destroy()

    def give(self, seconds: float) -> None:
        """Do not count that much: it went into what has a limit of its own."""
        if self._deadline is not None:
            self._deadline += seconds

    def begin_anew(self, seconds: float) -> None:
        """Let somebody else use the running process, for `seconds` from now."""
        self._deadline = time.monotonic() + seconds

    def _left(self, seconds: float) -> float:
        if self._deadline is None:
            return seconds
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise failures.out_of_time()
        return min(seconds, left)

    def _not_started(self, said: Event | None) -> AppFailed:
        if self._events is None:
            return failures.no_process(START_SECONDS)
        if refused := failures.refused(self._events):
            return refused
        code, busy = self._state(alive=said is None)
        given = {environment.DATABASE_URL} if self.database_url else set()
        withheld = set(environment.withheld()) - given
        log = self.log.text(self._began)
        return failures.not_started(said, code, busy, START_SECONDS, log, withheld)

    def _state(self, alive: bool) -> tuple[int | None, Frame | None]:
        """Return the exit code of a process that has ended; else the line that it is busy with."""
        assert self._process
        if self._events is None or self._events.wait_closed(0.2):
            return self._process.wait(1.0), None
        return None, self._busy() if alive else None

    def _busy(self) -> Frame | None:
        return self._events.ask_where(1.0) if self._events is not None else None


def is_outside(event: Event) -> bool:
    """Whether an event tells of a database that is not the app's to open."""
    return event["event"] == "database" and not event["inside"]


def _ends_start(event: Event) -> bool:
    return is_outside(event) or event["event"] in {"serving", "no_app", "crash"}
