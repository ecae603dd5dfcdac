"""A learner's app as a real process: started, stopped, killed, started again."""

from __future__ import annotations

import secrets
import signal
import socket
import tempfile
import time
from pathlib import Path
from typing import Self

from lab.appserver import environment, failures
from lab.appserver.client import Client, Late, Unanswered
from lab.appserver.launchers import Launcher, Process, Spec
from lab.appserver.log import Log
from lab.appserver.probe_events import Event, Events, accept
from lab.appserver.rows import todo_rows
from lab.appserver.timeouts import Patience
from lab.dbserver.tables import todo_rows as rows_on_server
from lab.dbserver.url import DatabaseURL
from lab.model import AppFailed, Exchange, Frame, Rows
from lab.workspace import databases
from lab.workspace.resource import TODOS, Resource

START_SECONDS = 10.0
STOP_SECONDS = 6.0  # uvicorn is told to give open requests 3 s
FINISH_SECONDS = 5.0  # in all, for what requests do after their answers: mostly nothing


class Serving:
    """One folder with a learner's app, served by one process at a time.

    The folder is a copy that belongs to the server: what the app writes stays in it from one
    start to the next. Every method that needs the app raises AppFailed where it does not start,
    dies, or gives no answer in time; so does each once `seconds`, from now, are over. `todos` is
    the app's path for what every request here calls /todos.
    """

    def __init__(
        self,
        folder: Path,
        launcher: Launcher,
        app: str | None = None,
        *,
        collect: bool = True,
        pool_timeout: float | None = None,
        todos: str = TODOS,
        database_url: DatabaseURL | None = None,
        seconds: float | None = None,
        patience: Patience | None = None,
        record_disk: Path | None = None,
    ) -> None:
        self.folder = folder
        self.app = app
        self.collect = collect
        self.pool_timeout = pool_timeout
        self.resource = Resource.at(todos)
        self.database_url = database_url
        self.cwd = ""  # where the next process is started, below the folder
        self.log = Log(folder, database_url)
        self.exchanges: list[Exchange] = []
        self._record_disk = str(record_disk or "")
        self._launcher = launcher
        self._patience = patience or Patience()
        self._deadline = time.monotonic() + seconds if seconds else None
        self._process: Process | None = None
        self._events: Events | None = None
        self._client: Client | None = None
        self._answered = 0  # requests of the running process
        self._documents: list[list[str]] = []
        self._finishing = FINISH_SECONDS
        self._opened: dict[Path, None] = {}
        self._dialects: set[str] = set()
        self._at_restart: dict[str, bytes] | Rows | None = {}

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
        assert self._events, "the server does not run"
        return self._events

    def start(self) -> None:
        """Start a process and return when it serves."""
        assert self._process is None, "the server runs already"
        began = self.log.size()
        token = secrets.token_hex(8)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            spec = Spec(
                folder=str(self.folder),
                app=self.app,
                channel=listening.getsockname(),
                token=token,
                log=str(self.log.path),
                collect=self.collect,
                pool_timeout=self.pool_timeout,
                database_url=self.database_url.secret if self.database_url else None,
                cwd=self.cwd,
                record_disk=self._record_disk,
            )
            self._process = process = self._launcher.launch(spec)
            try:
                seconds = self._left(START_SECONDS)
                self._events = accept(
                    listening, token, seconds, lambda: process.wait(0) is not None
                )
                self._serve(began)
            except BaseException:
                self.kill()
                raise

    def _serve(self, began: int) -> None:
        events = self._events
        said = events and events.wait(self._left(START_SECONDS), _ends_start)
        if not events or not said or said["event"] != "serving":
            raise self._not_started(said or None, began)
        listening = events.wait(0, lambda event: event["event"] == "listening")
        assert listening is not None
        self.app = said["app"]
        self._documents = said["documents"]
        self._answered = 0
        self._client = Client(listening["port"], lambda request: self.resource.own(request))

    def stop(self) -> int:
        """Stop as Ctrl+C or `kill` would, waiting for open requests. Returns the exit code."""
        process = self._process
        assert process is not None, "the server does not run"
        process.send(signal.SIGTERM)
        if self._events:
            self._events.wait_closed(STOP_SECONDS)
        code = process.wait(STOP_SECONDS)
        self.kill()
        return -signal.SIGKILL if code is None else code

    def kill(self) -> None:
        """End the process at once, with SIGKILL, and whatever it started. Safe to repeat."""
        process, events, client = self._process, self._events, self._client
        self._process = self._events = self._client = None
        if process:
            process.destroy()
        if events:
            self._remember(events)
            events.close()
        if client:
            client.close()

    def abort(self) -> None:
        """End the process, and let whatever uses this server fail at once. From any thread."""
        self._deadline = 0.0
        if process := self._process:
            process.destroy()

    def restart(self, *, kill: bool = False) -> None:
        """Stop the process, or kill it once its requests are done, and start a new one."""
        if kill:
            self._finish()
            self.kill()
        else:
            self.stop()
        self._keep_files()
        self.start()

    def _finish(self) -> None:
        """Wait until what requests do after their answers is done, as a commit may be.

        FastAPI has run what follows a dependency's `yield` before the answer or after it, version
        by version; whether it makes a difference to a client is the matter of `persist` alone.
        """
        began = time.monotonic()
        self.events.settle(self._answered, self._left(self._finishing))
        self._finishing -= time.monotonic() - began

    def _keep_files(self) -> None:
        """Keep the databases as they lie there while no process has them open."""
        if self.database_url:
            self._at_restart = rows_on_server(self.database_url, ())
            return
        self._at_restart = {
            file.name: file.read_bytes()
            for path in self.databases()
            for file in path.parent.glob(f"{path.name}*")
        }

    def rows_at_restart(self) -> Rows | None:
        """The rows of the todos between the last two processes; None where there were none."""
        if not isinstance(self._at_restart, dict):
            return self._at_restart
        with tempfile.TemporaryDirectory(prefix="lab-rows-") as temporary:
            for name, content in self._at_restart.items():
                (Path(temporary) / name).write_bytes(content)
            return todo_rows(databases.find(Path(temporary)))

    def databases(self) -> list[Path]:
        """The SQLite files that the app has opened in its folder, in that order."""
        if self._events:
            self._remember(self._events)
        return list(self._opened)

    def dialects(self) -> set[str]:
        """What kinds of databases the app has connected to through SQLAlchemy, since it began."""
        if self._events:
            self._remember(self._events)
        return set(self._dialects)

    def _remember(self, events: Events) -> None:
        self._dialects.update(event["dialect"] for event in events.all("connected"))
        for event in events.all("database"):
            if event["inside"]:
                self._opened[self.folder / event["path"]] = None

    # -- failures ----------------------------------------------------------------------------

    def give(self, seconds: float) -> None:
        """Do not count that much: it went into what has a limit of its own."""
        if self._deadline is not None:
            self._deadline += seconds

    def _left(self, seconds: float) -> float:
        if self._deadline is None:
            return seconds
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise AppFailed(
                "The check ran out of time: the app is too slow.",
                "Look for a loop that never ends, or a call that waits for something.",
            )
        return min(seconds, left)

    def _not_started(self, said: Event | None, began: int) -> AppFailed:
        if self._events and self._events.overflowed:
            return failures.too_much_to_report()
        code, busy = self._state(alive=said is None)
        given = {environment.DATABASE_URL} if self.database_url else set()
        withheld = set(environment.withheld()) - given
        log = self.log.text(began)
        return failures.not_started(said, code, busy, START_SECONDS, log, withheld)

    def _no_answer(self, request: str, problem: Unanswered, began: int) -> AppFailed:
        assert self._events
        self._finishing = 0.0  # this request may never be done
        code, busy = self._state(alive=True)
        if isinstance(problem, Late):
            busy = busy or problem.busy
        if self._events.overflowed:
            return failures.too_much_to_report()
        outside = self._events.wait(0, _outside)
        log = self.log.text(began)
        return failures.no_answer(request, str(problem), code, outside, busy, log)

    def _state(self, alive: bool) -> tuple[int | None, Frame | None]:
        """The exit code of a process that has ended; else the line that it is busy with."""
        assert self._process
        if self._events is None or self._events.wait_closed(0.2):
            return self._process.wait(1.0), None
        return None, self._busy() if alive else None

    def _busy(self) -> Frame | None:
        return self._events.ask_where(1.0) if self._events else None


def _outside(event: Event) -> bool:
    return event["event"] == "database" and not event["inside"]


def _ends_start(event: Event) -> bool:
    return _outside(event) or event["event"] in {"serving", "no_app", "crash"}
