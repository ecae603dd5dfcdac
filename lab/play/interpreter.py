"""Does declared steps on a server, and tells what happened."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lab import scenario as s
from lab.appserver.deployment import VOLUME, deploy
from lab.appserver.environment import TODOS_DATA
from lab.appserver.refused_writes import refusing
from lab.appserver.server import Server
from lab.appserver.tables import drift
from lab.model import NotPossible
from lab.play import alterations, measurements
from lab.play.on_dbserver import OnServer
from lab.scenario.events import (
    ConnectionsDropped,
    DatabaseDeleted,
    DatabaseMoved,
    DriftShown,
    Event,
    FolderChanged,
    Listener,
    Requested,
    Said,
    SourceShown,
    Started,
    Stopped,
)
from lab.scenario.observations import Seen
from lab.workspace import databases
from lab.workspace.operations import Request

ID = "{id}"
REFUSES = (
    "The database refuses the next todo, as it does where a UNIQUE or NOT NULL rule is broken:"
)
AT_ANSWER = "The process is to be killed in the moment in which the next answer, a 2xx, is out:"
CLONE = "In a copy of your folder that has no database, as with somebody who has just cloned it:"
DEPLOYED = (
    "Deployed: the folder that was there is gone, and your code, without a database, is in a new "
    f"one. The volume stays: {TODOS_DATA} has the path of {VOLUME}/."
)


class Interpreter:
    """Does the steps of one play on one server, and remembers what was seen in each part.

    What changes sources and databases is done in `copy` as well: a copy of the server's folder
    that gets none of the todos that the play makes. `predict` is what the step Predict comes to.
    """

    def __init__(
        self,
        server: Server,
        listen: Listener,
        *,
        copy: Path | None = None,
        predict: Callable[[], None] = lambda: None,
        on_server: OnServer | None = None,
    ) -> None:
        self.server = server
        self.seen = Seen()
        self.on_server = on_server  # for exercises about a database server
        self.made_folders: set[str] = set()  # for the server to be started from
        self._folders = (server.folder, copy) if copy else (server.folder,)
        self._listen = listen
        self._predict = predict
        self._has_run = False

    def next_part(self) -> None:
        """From here on, what was seen so far is what was before."""
        self.seen = Seen(earlier=self.seen)

    def run(self, steps: Iterable[s.Step]) -> bool:
        """Do the steps, tell what happened, and return whether anything did.

        Raises AppFailed where the app does not start, dies or gives no answer, NotPossible where
        something cannot be done.
        """
        told = len(self.seen.events)
        for step in steps:
            for event in self._done(step):
                self.tell(event)
        return len(self.seen.events) > told

    def tell(self, event: Event) -> None:
        """Remember an event of this part, and tell it."""
        self.seen = Seen((*self.seen.events, event), self.seen.earlier)
        self._listen(event)

    def _done(self, step: s.Step) -> Iterator[Event]:
        """Do one step. This is the only place where steps are told apart."""
        server = self.server
        match step:
            case s.Say(text):
                yield Said(text if isinstance(text, str) else text(self.seen))
            case s.Predict():
                self._predict()
            case s.Start():
                yield self._started(step)
            case s.Stop(kill):
                server.kill() if kill else server.stop()
                yield Stopped(kill)
            case s.StartAtOnce():
                yield measurements.started_at_once(server)
            case s.Clone():
                server.kill()
                for path in databases.find(server.folder):
                    databases.remove(path)
                yield Said(CLONE)
            case s.Deploy():
                if server.running:
                    server.stop()
                deploy(server)
                yield Said(DEPLOYED)
            case s.Request():
                yield from self._requested(step)
            case s.CountConnections():
                yield measurements.connections_counted(server, step)
            case s.CountStatements(request):
                yield measurements.statements_counted(server, self._with_id(request))
            case s.RequestAtOnce():
                yield measurements.requested_at_once(server, step)
            case s.RequestBetween(held, other, locked):
                both = (self._with_id(each) for each in (held, other))
                yield measurements.requested_between(server, *both, locked=locked)
            case s.RequestInTurn(requests):
                each = (self._with_id(request) for request in requests)
                yield from measurements.requested_in_turn(server, each)
            case s.RequestInForks(held, other):
                both = (self._with_id(each) for each in (held, other))
                yield from measurements.requested_in_forks(server, *both)
            case s.KillAtAnswer(request):
                yield from self._killed_at_answer(request)
            case s.KillInBurst():
                yield measurements.killed_in_burst(server, step)
            case s.CutPower():
                yield measurements.power_cut(server)
            case s.RunTest():
                yield measurements.test_ran(server, step)
            case s.RunAlembic(arguments):
                server.kill()
                yield alterations.alembic_ran(server.launcher, server.folder, *arguments.split())
            case s.TryRevision():
                server.kill()
                yield from measurements.revision_tried(server)
            case s.TryBackup(script):
                yield measurements.backup_tried(server, script)
            case s.ShowRows():
                yield measurements.rows_shown(server)
            case s.ShowDrift():
                yield DriftShown(tuple(str(found) for found in drift(server)))
            case s.ShowSource(file, source):
                yield SourceShown(file, source or (server.folder / file).read_text("utf-8"))
            case s.ShowFiles():
                yield measurements.files_shown(server.folder)
            case s.ChangeFolder(name):
                yield self._folder_changed(name)
            case s.WriteFiles(files):
                yield alterations.write(self._folders, files)
            case s.DeleteDatabase():
                yield self._database_deleted()
            case s.MigrateDatabase():
                yield from alterations.migrate(server, self._folders)
            case s.AdoptDatabase():
                yield from alterations.adopt(step, server, self._folders)
            case s.MoveDatabase():
                yield self._database_moved()
            case s.DropConnections():
                yield ConnectionsDropped(server.drop_connections())

    def _started(self, step: s.Start) -> Started:
        server, again = self.server, self._has_run
        if server.running:
            server.stop()
        server.collect, server.pool_timeout = step.collect, step.pool_timeout
        there = set(databases.find(server.folder))
        server.start()
        self._has_run = True
        new = [path for path in server.databases() if path.exists() and path not in there]
        names = tuple(path.relative_to(server.folder).as_posix() for path in new)
        return Started(again, step.collect, step.pool_timeout, names)

    def _requested(self, step: s.Request) -> Iterator[Said | Requested]:
        request = self._with_id(step)
        if not step.refused:
            yield Requested(self.server.request(*request))
            return
        yield Said(REFUSES)
        with refusing(self.server):
            yield Requested(self.server.request(*request), provoked=True)

    def _killed_at_answer(self, request: s.Request) -> Iterator[Said | Requested | Stopped]:
        yield Said(AT_ANSWER)
        self.server.end_with_success()
        yield from self._requested(request)
        self.server.kill()  # where the answer was another one, it still runs
        yield Stopped(killed=True)

    def _with_id(self, step: s.Request) -> Request:
        """Return the request with the id of what was made last, where it asks for that."""
        path, body = step.path, step.body
        made = self.seen.made() or self.seen.before.made()
        if not made:
            return step.method, path, body
        id = made[-1]["id"]
        if isinstance(body, dict):
            body = {name: id if value == ID else value for name, value in body.items()}
        return step.method, path.replace(ID, str(id)), body

    def _folder_changed(self, folder: str) -> FolderChanged:
        """Start from a folder below the server's own, made if need be.

        On the way home, what was made for this is removed.
        """
        removed = () if folder else tuple(sorted(self.made_folders))
        for name in removed:
            self.server.kill()
            shutil.rmtree(self.server.folder / name)
            self.made_folders.discard(name)
        place = self.server.folder / folder
        if not place.exists():
            place.mkdir()
            self.made_folders.add(folder)
        self.server.cwd = folder
        return FolderChanged(folder, removed)

    def _database_deleted(self) -> DatabaseDeleted:
        files = self.server.delete_databases()
        if not files:
            raise NotPossible(
                "The app has opened no database file, so there is none to delete.",
                "Does it keep its todos in a file, such as sqlite:///./todos.db?",
            )
        return DatabaseDeleted(tuple(files), self.server.running)

    def _database_moved(self) -> DatabaseMoved:
        """Move the rows to a database that is made for this play, and let the app use that one."""
        assert self.on_server, "an exercise about a server is played on one"
        self.server.kill()
        return self.on_server.rehearse(self.server)
