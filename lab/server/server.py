"""A learner's app as a real server: started, driven over HTTP, stopped, killed, started again."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from lab.model import AppFailed, Crash, Exchange, Frame
from lab.remote.lending import disconnect
from lab.remote.url import DatabaseURL
from lab.server import failures
from lab.server.client import Answer, Client, Late, Request, Unanswered
from lab.server.events import Connection, Event, Events, accept, checked_out, crash_of
from lab.server.launchers import Launcher, Process, Spec
from lab.server.patience import ANSWER_SECONDS, Patience
from lab.server.tables import rows_of, todo_rows
from lab.workspace import databases
from lab.workspace.databases import Rows

START_SECONDS = 10.0
LOG_BYTES = 100_000  # of a longer log, its end is read
STOP_SECONDS = 6.0  # uvicorn is told to give open requests 3 s


class Server:
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
        patience: Patience | None = None,
    ) -> None:
        self.folder = folder
        self.app = app
        self.exchanges: list[Exchange] = []
        self._at_restart: dict[str, bytes] | Rows | None = {}
        self.collect = collect
        self.pool_timeout = pool_timeout
        self.database_url = database_url
        self.cwd = ""  # where the next process is started, below the folder
        self._launcher = launcher
        self._patience = patience or Patience()
        self._deadline = time.monotonic() + seconds if seconds else None
        self._log = folder.with_name(folder.name + ".log")
        self._process: Process | None = None
        self._events: Events | None = None
        self._client: Client | None = None
        self._answered = 0  # requests of the running process
        self._opened: dict[Path, None] = {}
        self._dialects: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._log.unlink(missing_ok=True)  # it may be as large as the app could make it

    @property
    def running(self) -> bool:
        """Whether a process was started and not stopped or killed since."""
        return self._events is not None

    # -- life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Start a process and return when it serves."""
        assert self._process is None, "the server runs already"
        began = self._log_size()
        token = secrets.token_hex(8)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            spec = Spec(
                folder=str(self.folder),
                app=self.app,
                channel=listening.getsockname(),
                token=token,
                log=str(self._log),
                collect=self.collect,
                pool_timeout=self.pool_timeout,
                database_url=self.database_url.secret if self.database_url else None,
                cwd=self.cwd,
            )
            self._process = self._launcher.launch(spec)
            try:
                self._events = accept(listening, token, self._left(START_SECONDS))
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
        self._answered = 0
        self._client = Client(listening["port"])

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
        """Stop or kill the process, and start a new one on the same folder."""
        if kill:
            self.kill()
        else:
            self.stop()
        self._keep_files()
        self.start()

    # -- HTTP --------------------------------------------------------------------------------

    def request(self, method: str, path: str, body: Any = None) -> Exchange:
        """Send one request and return the answer, whatever its status."""
        exchange = self._send(method, path, body)
        self.exchanges.append(exchange)
        return exchange

    def get(self, path: str) -> Exchange:
        """GET `path`."""
        return self.request("GET", path)

    def post(self, path: str, body: Any) -> Exchange:
        """POST `body` as JSON."""
        return self.request("POST", path, body)

    def put(self, path: str, body: Any) -> Exchange:
        """PUT `body` as JSON."""
        return self.request("PUT", path, body)

    def delete(self, path: str) -> Exchange:
        """DELETE `path`."""
        return self.request("DELETE", path)

    def _send(self, method: str, path: str, body: Any) -> Exchange:
        assert self._client and self._events, "the server does not run"
        began, since = self._log_size(), len(self._events)
        try:
            seconds = self._left(self._patience.seconds(method, path))
            answer = self._client.send(method, path, body, seconds, self._busy)
        except Unanswered as problem:
            if isinstance(problem, Late):
                self._patience.lose(method, path)
            raise self._no_answer(f"{method} {path}", problem, began) from problem
        self._answered += answer.requests
        crash = None
        if answer.status >= 500:
            crash = self._crash_of(answer.port, since)
        return _exchange((method, path, body), answer, self.log(since=began), crash)

    def _crash_of(self, port: int, since: int) -> Crash | None:
        assert self._events
        done = self._events.wait(
            1.0, lambda event: event["event"] == "done" and event["port"] == port, since
        )
        if not done or not done["crash"]:
            return None
        # The server writes its traceback to the log after it has answered with 500.
        self._events.wait(1.0, lambda event: event["event"] == "logged", since)
        return crash_of(done["crash"])

    def at_once(self, requests: list[Request]) -> list[Exchange]:
        """Send all requests at the same time; the answers, in the order of the requests."""
        assert self._client, "the server does not run"
        began = self._log_size()
        seconds = self._left(ANSWER_SECONDS * 2)
        exchanges = []
        for request, answer in self._client.at_once(requests, seconds):
            if isinstance(answer, Unanswered):
                raise self._no_answer(" ".join(request[:2]), answer, began)
            self._answered += answer.requests
            exchanges.append(_exchange(request, answer))
        return exchanges

    def kill_during(self, writes: Iterator[Request], answers: int) -> list[Exchange]:
        """Send `writes` from several clients at once and SIGKILL in the middle.

        Returns the exchanges that were answered by then: at least `answers`, where the writes
        suffice.
        """
        client, process = self._client, self._process
        assert client and process, "the server does not run"
        with client.burst(writes) as burst:
            burst.wait(answers, self._left(ANSWER_SECONDS))
            process.destroy()
        self.kill()
        self._keep_files()
        return [_exchange(request, answer) for request, answer in burst.answered]

    def drop_connections(self) -> int:
        """End every connection of the app to the database that it was lent; how many there were."""
        assert self.database_url, "the app has a database on a server"
        # One that is on its way back would be found dead by the pool, and not by a request.
        self.connections_out()
        return disconnect(self.database_url)

    # -- looking in --------------------------------------------------------------------------

    @property
    def events(self) -> Events:
        """What the probe of the running process reports."""
        assert self._events, "the server does not run"
        return self._events

    def settle(self) -> bool:
        """Whether every request is done, what comes after its answer included, within 2 s."""
        return self.events.settle(self._answered, 2.0)

    def connections_out(self, grace: float = 0.5) -> tuple[Connection, ...]:
        """The connections that are checked out once every request is done.

        Code after a dependency's `yield` may run after the response, so up to `grace` seconds
        are given to what is on its way back.
        """
        events = self.events
        self.settle()
        deadline = time.monotonic() + grace
        while (out := checked_out(events.all())) and (left := deadline - time.monotonic()) > 0:
            events.wait(left, lambda event: event["event"] == "checkin", len(events))
        return out

    def models(self) -> list[dict[str, Any]]:
        """The mapped classes: name, table and columns, as SQLAlchemy knows them."""
        sent = self.events.all("models")
        return list(sent[-1]["models"]) if sent else []

    def database_errors(self) -> list[Crash]:
        """What the database refused, also where the app caught the error."""
        self.settle()
        crashes = (crash_of(event["crash"]) for event in self.events.all("database_error"))
        return [crash for crash in crashes if crash]

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

    def delete_databases(self) -> list[str]:
        """Delete the app's databases, also under a running server. Returns their names."""
        found = [path for path in self.databases() if path.exists()]
        for path in found:
            databases.remove(path)
        return [path.relative_to(self.folder).as_posix() for path in found]

    def _keep_files(self) -> None:
        """Keep the databases as they lie there while no process has them open."""
        if self.database_url:
            self._at_restart = rows_of(self)
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

    def log(self, since: int = 0) -> str:
        """What the server printed from byte `since` on, paths relative to the learner's folder."""
        try:
            with self._log.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                file.seek(max(since, end - LOG_BYTES))
                text = file.read(LOG_BYTES).decode(errors="replace")
        except FileNotFoundError:
            return ""
        for prefix in {str(self.folder), str(self.folder.resolve())}:
            text = text.replace(prefix + "/", "")
        return self.database_url.hide(text) if self.database_url else text

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

    def _log_size(self) -> int:
        return self._log.stat().st_size if self._log.exists() else 0

    def _not_started(self, said: Event | None, began: int) -> AppFailed:
        code, busy = self._state(alive=said is None)
        return failures.not_started(said, code, busy, START_SECONDS, self.log(since=began))

    def _no_answer(self, request: str, problem: Unanswered, began: int) -> AppFailed:
        assert self._events
        code, busy = self._state(alive=True)
        if isinstance(problem, Late):
            busy = busy or problem.busy
        outside = self._events.wait(0, _outside)
        log = self.log(since=began)
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


def _exchange(
    request: Request, answer: Answer, log: str = "", crash: Crash | None = None
) -> Exchange:
    method, path, body = request
    return Exchange(
        method, path, body, answer.curl, answer.status, answer.text, answer.seconds, log, crash
    )
