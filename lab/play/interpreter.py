"""Runs declared steps on a server, and yields what happened."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import Any

from lab import scenario as s
from lab.appserver.alembic_command import alembic
from lab.appserver.probe_events import crash_of
from lab.appserver.refused_writes import refusing
from lab.appserver.rows import todo_rows
from lab.appserver.server import Server
from lab.appserver.tables import drift, rows_of
from lab.model import Crash, Exchange, NotPossible
from lab.play.on_dbserver import OnServer
from lab.scenario.events import (
    Burst,
    Commanded,
    ConnectionsDropped,
    Crowded,
    Deleted,
    Drifted,
    Event,
    FilesShown,
    Measured,
    Moved,
    RowsMoved,
    RowsShown,
    Said,
    Sent,
    SourceShown,
    Started,
    Stopped,
)
from lab.scenario.observations import Seen
from lab.workspace import databases

ID = "{id}"
REFUSES = (
    "The database refuses the next todo, as it does where a UNIQUE or NOT NULL rule is broken:"
)
CLONE = "In a copy of your folder that has no database, as with somebody who has just cloned it:"
BURST_WRITES = 2000  # far more than any machine answers before the kill


class Runner:
    """Runs the steps of one play on one server, and remembers what was seen in each part.

    `predict` and `leave` are what the steps of these names come to.
    """

    def __init__(
        self,
        server: Server,
        *,
        predict: Callable[[], None],
        leave: Callable[[], None],
    ) -> None:
        self.server = server
        self.seen = Seen()
        self.models: list[dict[str, Any]] = []  # as the app had them at its last start
        self.on_server: OnServer | None = None  # for exercises about a database server
        self.made_folders: set[str] = set()  # for the server to be started from
        self.upgrades_by_hand = False  # Alembic keeps the tables, and the app does not run it
        self._predict = predict
        self._leave = leave
        self._runs = False
        self._has_run = False

    def next_part(self) -> None:
        """From here on, what was seen so far is what was before."""
        self.seen = Seen(earlier=self.seen)

    def run(self, steps: Sequence[s.Step]) -> Iterator[Event]:
        """Run the steps. Raises AppFailed where the app does not start, dies or gives no answer."""
        for step in steps:
            for event in self._step(step):
                yield self.note(event)

    def note(self, event: Event) -> Event:
        """Remember an event of this part, and return it."""
        self.seen = Seen((*self.seen.events, event), self.seen.earlier)
        return event

    def stop(self) -> None:
        """End the server, where it runs, without a word."""
        self.server.kill()
        self._runs = False

    def start(self, collect: bool = True, pool_timeout: float | None = None) -> Started:
        """Start the server; where it runs, stop it first."""
        server, again = self.server, self._has_run
        if self._runs:
            server.stop()
        server.collect, server.pool_timeout = collect, pool_timeout
        there = set(databases.find(server.folder))
        server.start()
        self.models = server.models()
        self._runs = self._has_run = True
        new = [path for path in server.databases() if path.exists() and path not in there]
        names = tuple(path.relative_to(server.folder).as_posix() for path in new)
        return Started(again, collect, pool_timeout, names)

    def learn_models(self) -> None:
        """Start the app as it is now, without a word, only to know its models."""
        self.stop()
        self.server.start()
        self.models = self.server.models()
        self.server.stop()

    def move(self, folder: str) -> Moved:
        """Let the next start be made from a folder below the server's own, made if need be.

        On the way home, what was made for this is removed.
        """
        removed = () if folder else tuple(sorted(self.made_folders))
        for name in removed:
            self.stop()
            shutil.rmtree(self.server.folder / name)
            self.made_folders.discard(name)
        place = self.server.folder / folder
        if not place.exists():
            place.mkdir()
            self.made_folders.add(folder)
        self.server.cwd = folder
        return Moved(folder, removed)

    def delete_databases(self) -> Deleted:
        """Delete the files that the app has opened. Raises NotPossible where there are none."""
        files = self.server.delete_databases()
        if not files:
            raise NotPossible(
                "The app has opened no database file, so there is none to delete.",
                "Does it keep its todos in a file, such as sqlite:///./todos.db?",
            )
        return Deleted(tuple(files), self.runs)

    def drop_connections(self) -> ConnectionsDropped:
        """Let the database server end the app's connections."""
        return ConnectionsDropped(self.server.drop_connections())

    def move_rows(self) -> RowsMoved:
        """Move the rows to a database that is lent for this play, and let the app use that one."""
        assert self.on_server, "an exercise about a server is played on one"
        self.stop()
        return self.on_server.rehearse(self.server)

    @property
    def runs(self) -> bool:
        """Whether the server runs."""
        return self._runs

    def _step(self, step: s.Step) -> Iterator[Event]:
        server = self.server
        match step:
            case s.Say(text):
                yield Said(text if isinstance(text, str) else text(self.seen))
            case s.Predict():
                self._predict()
            case s.DropConnections():
                yield self.drop_connections()
            case s.Leave():
                self._leave()
            case s.Start(collect, pool_timeout):
                yield self.start(collect, pool_timeout)
            case s.Stop(kill):
                server.kill() if kill else server.stop()
                self._runs = False
                yield Stopped(kill)
            case s.Fresh():
                self._without_databases()
                yield Said(CLONE)
            case s.Request(method, path, body):
                yield Sent(server.request(method, *self._with_id(path, body)))
            case s.Connections(times, request):
                yield self._connections(times, request)
            case s.AtOnce(times, request):
                yield self._at_once(times, request)
            case s.Refused(request):
                yield Said(REFUSES)
                with refusing(server):
                    for sent in self._step(request):
                        yield replace(sent, provoked=True) if isinstance(sent, Sent) else sent
            case s.KillInBurst(answers):
                yield self._kill_in_burst(answers)
            case s.Alembic(arguments):
                self.stop()
                yield self.alembic(*arguments.split())
            case s.ShowRows():
                yield self._rows()
            case s.ShowSource(file):
                yield SourceShown(file, (server.folder / file).read_text("utf-8"))
            case s.ShowFiles():
                yield self._files()
            case s.ChangeFolder(name):
                yield self.move(name)
            case s.DeleteDatabase():
                yield self.delete_databases()
            case s.ShowDrift():
                yield Drifted(tuple(str(found) for found in drift(server)))

    def alembic(self, *arguments: str) -> Commanded:
        """Run an Alembic command in the server's folder. Raises NotPossible where it fails."""
        return commanded(self.server.folder, *arguments)

    def _without_databases(self) -> None:
        self.stop()
        for path in databases.find(self.server.folder):
            databases.remove(path)

    def _with_id(self, path: str, body: Any) -> tuple[str, Any]:
        """Path and body with the id of what was made last, where they ask for it."""
        made = self.seen.made() or self.seen.before.made()
        if not made:
            return path, body
        id = made[-1]["id"]
        if isinstance(body, dict):
            body = {name: id if value == ID else value for name, value in body.items()}
        return path.replace(ID, str(id)), body

    def _connections(self, times: int, request: s.Request) -> Measured:
        exchanges: list[Exchange] = []
        out: list[int] = []
        frame = None
        for _ in range(times):
            exchanges.append(self.server.request(request.method, request.path, request.body))
            # What leaks stays: the first requests have shown whether anything comes back late.
            connections = self.server.connections_out(grace=0.5 if len(out) < 2 else 0.05)
            out.append(len(connections))
            frame = next((c.frame for c in connections if c.frame), frame)
        return Measured(self._in_words(request), tuple(exchanges), tuple(out), frame)

    def _at_once(self, times: int, request: s.Request) -> Crowded:
        since = len(self.server.events)
        began = time.monotonic()
        one = (request.method, request.path, request.body)
        exchanges = self.server.at_once([one] * times)
        seconds = time.monotonic() - began
        crash: Crash | None = None
        if any(exchange.status >= 500 for exchange in exchanges):
            # The crash is reported after the answer.
            event = self.server.events.wait(
                1.0, lambda event: event["event"] == "done" and bool(event["crash"]), since
            )
            crash = crash_of(event["crash"]) if event else None
        return Crowded(self._in_words(request), tuple(exchanges), seconds, crash)

    def _in_words(self, request: s.Request) -> str:
        return self.server.resource.in_words(str(request))

    def _kill_in_burst(self, answers: int) -> Burst:
        titles = (f"todo {number} of a burst" for number in count(1))
        writes = (("POST", "/todos", {"title": title}) for title in titles)
        exchanges = self.server.kill_during(islice(writes, BURST_WRITES), answers)
        self._runs = False
        return Burst(tuple(exchanges))

    def _files(self) -> FilesShown:
        folder = self.server.folder
        found: list[tuple[str, int, int | None]] = []
        for path in databases.find(folder):
            for file in sorted(path.parent.glob(f"{path.name}*")):
                rows = todo_rows([file]) if file == path else None
                count = len(rows.rows) if rows else None
                found.append((file.relative_to(folder).as_posix(), file.stat().st_size, count))
        return FilesShown(tuple(found))

    def _rows(self) -> RowsShown:
        folder = self.server.folder
        if self.server.database_url:
            url = self.server.database_url
            return RowsShown((f"the database on {url.kind}",), rows_of(self.server))
        known = self.server.databases() or databases.find(folder)
        files = [path.relative_to(folder).as_posix() for path in known if path.exists()]
        return RowsShown(tuple(files), rows_of(self.server))


def commanded(folder: Path, *arguments: str) -> Commanded:
    """Run an Alembic command in a folder. Raises NotPossible where it fails, AppFailed."""
    ran = alembic(folder, arguments)
    if not ran.ok:
        raise NotPossible(
            f"`{ran.command}` fails: {ran.said}", "Try it by hand, in your workspace."
        )
    return Commanded(ran.command, ran.output.strip())
