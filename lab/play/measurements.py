"""Steps that measure a server: many requests, its connections, its rows and files."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count, cycle, islice
from pathlib import Path

from lab import scenario as s
from lab.appserver.commands import run_script
from lab.appserver.process import ServerProcess
from lab.appserver.rows import todo_rows
from lab.appserver.server import LOCK, Server
from lab.appserver.statements import request_and_statements
from lab.appserver.tables import rows_of, table_of
from lab.faults.forked_workers import crossed, forked_workers
from lab.faults.power_cut import leave, try_disks
from lab.faults.two_starts import two_starts
from lab.model import Exchange, NotPossible
from lab.play.alterations import alembic_ran, write
from lab.play.revision import has_alembic, revision, sources_since, upgrade
from lab.play.written_tests import put_api, run
from lab.scenario.events import (
    AlembicRan,
    BackupTried,
    ConnectionsCounted,
    FilesShown,
    KilledInBurst,
    PowerCut,
    Requested,
    RequestedAtOnce,
    RequestedBetween,
    RowsShown,
    Said,
    SourceShown,
    StartedAtOnce,
    StatementsCounted,
    TestRan,
)
from lab.workspace import databases
from lab.workspace.files import walk
from lab.workspace.operations import Request
from lab.workspace.store import copy_tree
from lab.workspace.temporary import scratch

BURST_WRITES = 2000  # far more than any machine answers before the kill
BACKUP = "backup.db"
FORKED = (
    "One process imports your app, and does not serve it. Two workers are forked from it, and "
    "serve. Each of them gets one of these requests:"
)


def connections_counted(server: Server, step: s.CountConnections) -> ConnectionsCounted:
    """Send a request again and again, and count after each what is out. Raises AppFailed."""
    request = step.request
    exchanges: list[Exchange] = []
    out: list[int] = []
    frame = None
    for _ in range(step.times):
        exchanges.append(server.request(request.method, request.path, request.body))
        # What leaks stays: the first requests have shown whether anything comes back late.
        connections = server.connections_out(grace=0.5 if len(out) < 2 else 0.05)
        out.append(len(connections))
        frame = next((c.frame for c in connections if c.frame), frame)
    return ConnectionsCounted(_in_words(server, request), tuple(exchanges), tuple(out), frame)


def statements_counted(server: Server, request: Request) -> StatementsCounted:
    """Send a request, and count its statements, each text of them for itself. Raises AppFailed."""
    exchange, statements = request_and_statements(server, request)
    return StatementsCounted(exchange, tuple(Counter(statements).items()))


def requested_at_once(server: Server, step: s.RequestAtOnce) -> RequestedAtOnce:
    """Send a request many times at the same moment. Raises AppFailed."""
    request = step.request
    began = time.monotonic()
    exchanges = server.at_once([(request.method, request.path, request.body)] * step.times)
    seconds = time.monotonic() - began
    crash = next((exchange.crash for exchange in exchanges if exchange.crash), None)
    return RequestedAtOnce(_in_words(server, request), tuple(exchanges), seconds, crash)


def requested_between(
    server: Server, held: Request, other: Request, *, locked: bool
) -> RequestedBetween:
    """Send a request, and another one while it waits before its first write. Raises AppFailed."""
    found = server.interleave(held, LOCK if locked else "write", other)
    was_held = found.stood and found.can_wait
    return RequestedBetween(found.held, found.other, was_held, found.waited, locked)


def started_at_once(server: Server) -> StartedAtOnce:
    """Start two processes, the second while the first is held, and end both."""
    server.kill()
    with two_starts(server) as starts:
        first, second = (failure.message if failure else "" for failure in starts.finish())
    server.kill()
    return StartedAtOnce(starts.was_held, not starts.came, (first, second))


def requested_in_turn(server: Server, requests: Iterable[Request]) -> Iterator[Said | Requested]:
    """Send requests to a second process and to this one, in turn. Raises AppFailed."""
    yield Said("A second process of the server starts beside it, on the same folder.")
    with server.beside() as second:
        for worker, request in zip(cycle((second, server)), requests, strict=False):
            yield Said("The second process is asked:" if worker is second else "The first one:")
            yield Requested(worker.request(*request))
            worker.settle()  # what it does after its answer is done when the other one is asked


def requested_in_forks(
    server: Server, held: Request, other: Request
) -> Iterator[Said | RequestedBetween | Requested]:
    """Send a request to one forked worker, and another to the other before the COMMIT of the first.

    Raises AppFailed, NotPossible where the system has no fork.
    """
    with forked_workers(server) as second:
        yield Said(FORKED)
        found = crossed(
            server, second, lambda: server.request(*held), lambda: second.request(*other)
        )
        yield RequestedBetween(
            found.held, found.other, found.was_held, found.waited, moment="its COMMIT"
        )
        yield Said("The second worker is asked once more:")
        yield Requested(second.request(*other))


def test_ran(server: Server, step: s.RunTest) -> TestRan:
    """Run a test on an API of the lab's, in a folder of its own. Raises TestsTookTooLong."""
    with (
        scratch("lab-test-") as temporary,
        ServerProcess(temporary / "app", server.launcher) as beside,
    ):
        source = step.source.encode() or (server.folder / step.file).read_bytes()
        write((beside.folder,), {step.file: source})
        put_api(beside.folder, step.edits)
        ran = run(beside, step.file, server.timeouts.for_tests(step.file))
    return TestRan(step.file, step.says, ran.passed)


def killed_in_burst(server: Server, step: s.KillInBurst) -> KilledInBurst:
    """Write from several clients at once, and kill the server meanwhile. Raises AppFailed."""
    titles = (f"todo {number} of a burst" for number in count(1))
    writes = (("POST", "/todos", {"title": title}) for title in titles)
    return KilledInBurst(tuple(server.kill_during(islice(writes, BURST_WRITES), step.answers)))


def power_cut(server: Server) -> PowerCut:
    """Try every disk that a power cut could leave, and put the worst in place.

    Raises AppFailed, NotPossible where there is nothing to cut, or no way to see it.
    """
    found = try_disks(server)
    if found.worst:
        leave(found.worst.disk, server.folder)
    lost = found.worst.missing if found.worst else ()
    return PowerCut(found.acknowledged, found.tried, found.lacking, found.damaged, lost)


def backup_tried(server: Server, script: str) -> BackupTried:
    """Let a script back up the database of a running app, and list the todos on the backup.

    The backup is removed again. Raises AppFailed where the app does not start on it, NotPossible
    where there is no database to back up.
    """
    found = table_of(server)
    if not found:
        raise NotPossible(
            "The app has its todos in no database file, so there is none to back up.",
            "Does it keep its todos in a file, such as sqlite:///./todos.db?",
        )
    place = found[0].relative_to(server.folder)
    ran = run_script(server.launcher, server.folder, script, BACKUP)
    backup = server.folder / BACKUP
    exchanges: list[Exchange] = []
    if backup.is_file():
        with (
            scratch("lab-backup-") as temporary,
            Server(temporary / "app", server.launcher, server.app) as beside,
        ):
            beside.resource = server.resource
            copy_tree(server.folder, beside.folder, with_databases=False)
            shutil.copyfile(backup, beside.folder / place)
            databases.remove(backup)
            beside.start()
            exchanges.append(beside.get("/todos"))
    told = ran.command, ran.code, ran.output, BACKUP, place.as_posix()
    return BackupTried(*told, tuple(exchanges))


def revision_tried(server: Server) -> Iterator[Said | AlembicRan | SourceShown | RowsShown]:
    """Let Alembic write a revision and run it, in a copy of a folder whose server is stopped.

    Where Alembic has no part in the app, the rows are as they are. Raises NotPossible where a
    command of Alembic fails, AppFailed.
    """
    if not has_alembic(server.folder):
        yield Said("There is no alembic.ini in the folder, and nothing for Alembic to do:")
        yield rows_shown(server)
        return
    with (
        scratch("lab-revision-") as temporary,
        Server(temporary / "app", server.launcher, server.app) as beside,
    ):
        folder = beside.folder
        copy_tree(server.folder, folder)
        before = {*walk(folder).files}
        yield Said("In a copy of the folder, Alembic writes the next revision, and runs it:")
        yield alembic_ran(server.launcher, folder, *revision(folder))
        for path, text in sources_since(before, folder).items():
            yield SourceShown(path, text)
        yield alembic_ran(server.launcher, folder, *upgrade(folder))
        yield rows_shown(beside)


def rows_shown(server: Server) -> RowsShown:
    """Read the rows of the todos where the app has them."""
    if url := server.database_url:
        return RowsShown((f"the database on {url.kind}",), rows_of(server))
    known = server.databases() or databases.find(server.folder)
    files = [path.relative_to(server.folder).as_posix() for path in known if path.exists()]
    return RowsShown(tuple(files), rows_of(server))


def files_shown(folder: Path) -> FilesShown:
    """Look at the database files in a folder, and at what SQLite keeps beside them."""
    found: list[tuple[str, int, int | None]] = []
    for path in databases.find(folder):
        for file in databases.files_of(path):
            rows = todo_rows([file]) if file == path else None
            todos = len(rows.rows) if rows else None
            found.append((file.relative_to(folder).as_posix(), file.stat().st_size, todos))
    return FilesShown(tuple(found))


def _in_words(server: Server, request: s.Request) -> str:
    return server.resource.in_words(str(request))
