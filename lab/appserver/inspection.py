"""A server process, looked into: its connections and models, its databases and their rows."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Unpack

from lab.appserver.launchers import Launcher
from lab.appserver.probe_events import Connection, Events, checked_out, crash_of
from lab.appserver.process import Options, ServerProcess
from lab.appserver.rows import texts_in, todo_rows
from lab.dbserver.provider import disconnect
from lab.dbserver.tables import todo_rows as rows_on_server
from lab.model import Crash, Rows, Unreadable
from lab.workspace import databases


class InspectedProcess(ServerProcess):
    """A server process whose probe and databases can be read, the files also once it has ended."""

    def __init__(
        self, folder: Path, launcher: Launcher, app: str | None = None, **options: Unpack[Options]
    ) -> None:
        super().__init__(folder, launcher, app, **options)
        self._answered = 0  # requests of the running process
        self._remembered = 0  # of its events
        self._opened: dict[Path, None] = {}
        self._dialects: set[str] = set()
        self._statements: set[str] = set()
        self._at_restart: dict[str, bytes] | Rows | None = {}

    def start(self) -> None:
        """Start a process and return when it serves."""
        self._answered = self._remembered = 0
        super().start()

    def kill(self) -> None:
        """End the process at once, with SIGKILL, and whatever it started. Safe to repeat."""
        events = self._events
        super().kill()
        if events:
            self._remember(events)

    def settle(self, seconds: float = 2.0) -> bool:
        """Whether every request is done, what comes after its answer included, within `seconds`."""
        return self.events.settle(self._answered, seconds)

    def connections_out(self, grace: float = 0.5) -> tuple[Connection, ...]:
        """Return the connections that are checked out once every request is done.

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
        """Return the mapped classes: name, table and columns, as SQLAlchemy knows them."""
        sent = self.events.all("models")
        return list(sent[-1]["models"]) if sent else []

    def database_errors(self) -> list[Crash]:
        """Return what the database refused, also where the app caught the error."""
        self.settle()
        crashes = (crash_of(event["crash"]) for event in self.events.all("database_error"))
        return [crash for crash in crashes if crash]

    def delete_databases(self) -> list[str]:
        """Delete the app's databases, also under a running server. Returns their names."""
        if self.running:
            # While one is on its way back, the next request opens another: on a new, empty file.
            self.connections_out()
        found = [path for path in self.databases() if path.exists()]
        for path in found:
            databases.remove(path, self.folder)
        return [path.relative_to(self.folder).as_posix() for path in found]

    def drop_connections(self) -> int:
        """End every connection of the app to the database that it was lent; how many there were."""
        assert self.database_url, "the app has a database on a server"
        # One that is on its way back would be found dead by the pool, and not by a request.
        self.connections_out()
        return disconnect(self.database_url)

    def _keep_files(self) -> None:
        """Keep the databases as they lie there while no process has them open."""
        if self.database_url:
            self._at_restart = rows_on_server(self.database_url, ())
            return
        self._at_restart = {
            file.relative_to(self.folder).as_posix(): file.read_bytes()
            for path in self.databases()
            for file in databases.files_of(path)
            if not file.is_symlink()  # an app can make one that leads elsewhere
        }

    def rows_at_restart(self) -> Rows | None:
        """Return the rows of the todos between the last two processes; else None."""
        if not isinstance(self._at_restart, dict):
            return self._at_restart
        with self._as_at_restart(self._at_restart) as folder:
            return todo_rows(databases.find(folder))

    def texts_at_restart(self) -> dict[str, frozenset[str]]:
        """Return the texts in each database between the last two processes, by its path.

        On a server, those of the table of todos, if any.
        """
        if isinstance(self._at_restart, dict):
            with self._as_at_restart(self._at_restart) as folder:
                return texts_in(databases.find(folder), folder)
        values = (
            (value for row in self._at_restart.rows for value in row) if self._at_restart else ()
        )
        return {"": frozenset(map(str, values))} if self._at_restart else {}

    def texts(self) -> dict[str, frozenset[str]]:
        """Return the texts in each database that the app has opened, by its path."""
        return texts_in(self.databases(), self.folder)

    @contextmanager
    def _as_at_restart(self, files: Mapping[str, bytes]) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="lab-rows-") as temporary:
            for name, content in files.items():
                path = Path(temporary) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            yield Path(temporary)

    def databases(self) -> list[Path]:
        """Return the SQLite files that the app has opened in its folder, in that order."""
        if self._events:
            self._remember(self._events)
        return list(self._opened)

    def database_files(self) -> list[Path]:
        """Return the databases that the app has opened; where there are none, those in its folder.

        Empty where it has made so many folders inside each other that nobody looks through them.
        """
        try:
            return self.databases() or [p for p in databases.find(self.folder) if self.holds(p)]
        except Unreadable:
            return []

    def dialects(self) -> set[str]:
        """Return the kinds of databases that the app has connected to through SQLAlchemy."""
        if self._events:
            self._remember(self._events)
        return set(self._dialects)

    def statements(self) -> set[str]:
        """Return which kinds of SQL, such as "UPDATE", the app has sent through SQLAlchemy."""
        if self._events:
            self._remember(self._events)
        return set(self._statements)

    def _remember(self, events: Events) -> None:
        known = self._remembered
        new = events.all()[known:]
        self._remembered = known + len(new)
        for event in new:
            match event["event"]:
                case "sql" if event["sql"].strip():
                    self._statements.add(event["sql"].split(None, 1)[0].upper())
                case "connected":
                    self._dialects.add(event["dialect"])
                case "database" if event["inside"] and self.holds(self.folder / event["path"]):
                    self._opened[self.folder / event["path"]] = None

    def holds(self, path: Path) -> bool:
        """Whether a path is in the folder, and no link that leads elsewhere: apps can make some."""
        # Not resolve(), which raises where links lead to each other.
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.folder))
