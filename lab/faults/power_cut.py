"""`lab power-cut`: which acknowledged todos a power cut could take, on the learner's own API."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.answers import one_in
from lab.appserver.discovery.adopted import resource_of
from lab.appserver.launchers import Launcher
from lab.appserver.locked import being_read
from lab.appserver.server import Server
from lab.child.disk_recorder import SYNC, WRITE, can_record
from lab.faults.disks_after_cut import Disk, Operation, disks, operations
from lab.faults.errors import MakesNoTodos
from lab.model import AppFailed, DatabaseLocked, Exchange, NotPossible
from lab.workspace import databases
from lab.workspace.resource import Resource
from lab.workspace.workspace import Workspace

WRITES = 20  # todos that are made while the disk is recorded
READ_AT = 2  # the todo that is made while another program reads
FEW_WRITES = 5  # where more follows: each is some thirty moments at which the power may go


@dataclass(frozen=True)
class Loss:
    """What is wrong on one disk: acknowledged todos that it lacks, or what SQLite says of it."""

    disk: Disk
    due: int  # todos that had been answered 2xx before the cut
    missing: tuple[str, ...]  # their titles
    damage: str  # the first line of integrity_check, or the error; empty where all is well


@dataclass(frozen=True)
class Tried:
    """What all the disks have shown."""

    acknowledged: int
    writes: int  # that SQLite asked of the disk
    syncs: int
    tried: int  # disks
    lacking: int  # disks that lack an acknowledged todo
    damaged: int  # disks that SQLite finds corrupt
    worst: Loss | None

    @property
    def holds(self) -> bool:
        """Whether every acknowledged todo is on every disk."""
        return not self.lacking and not self.damaged


@dataclass(frozen=True)
class PowerCuts(Tried):
    """The same, and what comes of the worst disk."""

    after: Exchange | None  # GET /todos of the learner's own API, started on the worst disk
    refused: str  # why it did not start or answer there; empty where it did


@dataclass(frozen=True)
class _Recording:
    before: Mapping[str, bytes]  # the databases before the app was started
    done: Sequence[Operation]
    first: int  # how many operations were over before the first todo that counts
    answered: Sequence[tuple[int, str]]  # where the log ended at each 2xx, and the todo's title


def cut(workspace: Workspace, launcher: Launcher, writes: int = WRITES) -> PowerCuts:
    """Try every disk on a copy of the workspace, and start its API on the worst one.

    Raises AppFailed, NotPossible as try_disks() does.
    """
    with TemporaryDirectory(prefix="lab-power-cut-") as name:
        stage, again = Path(name) / "stage", Path(name) / "restarted"
        workspace.stage(stage)
        resource = resource_of(workspace, launcher)
        with Server(stage, launcher, workspace.app) as server:
            server.resource = resource
            found = try_disks(server, writes)
        after, refused = None, ""
        if found.worst:
            after, refused = _restarted(workspace, launcher, resource, found.worst, again)
        return PowerCuts(**vars(found), after=after, refused=refused)


def try_disks(server: Server, writes: int = FEW_WRITES) -> Tried:
    """Record the disk while the API makes todos, and try every disk that a cut could leave.

    The server is started for it, and killed in the end. Raises AppFailed, MakesNoTodos,
    and NotPossible where there is no disk to record.
    """
    if not can_record():
        raise NotPossible(
            "Python's SQLite cannot be recorded here: it is built into the sqlite3 module.",
            "`lab doctor` says what this machine offers.",
        )
    with TemporaryDirectory(prefix="lab-disk-") as name:
        recording = _record(server, Path(name) / "disk.log", writes)
        tried, losses = 0, []
        for disk in disks(recording.before, recording.done, recording.first):
            tried += 1
            if loss := _loss(disk, recording, Path(name) / "disk"):
                losses.append(loss)
    return Tried(
        acknowledged=len(recording.answered),
        writes=sum(o.kind == WRITE for o in recording.done),
        syncs=sum(o.kind == SYNC for o in recording.done),
        tried=tried,
        lacking=sum(bool(loss.missing) for loss in losses),
        damaged=sum(bool(loss.damage) for loss in losses),
        worst=max(losses, key=lambda loss: (bool(loss.damage), len(loss.missing)), default=None),
    )


def leave(disk: Disk, folder: Path) -> None:
    """Make the databases of a folder what a cut has left of them."""
    for path in databases.find(folder):
        databases.remove(path)
    _write(disk.files, folder)


def _record(server: Server, log: Path, writes: int) -> _Recording:
    if server.running:
        server.stop()
    before = _databases(server.folder)
    answered = []
    mark = secrets.token_hex(2)  # there may be todos of an earlier cut
    server.record_disk = log
    try:
        server.start()
        earlier = _make_beside_a_reader(server, "made before the first cut")
        began = log.stat().st_size
        for number in range(1, writes + 1):
            title = f"todo {number} of {writes}, {mark}"
            with _read_meanwhile(server) if number == READ_AT else nullcontext():
                # The last one is there already, and gets this title, where that can be done.
                if not (number == writes > READ_AT and _is_renamed(server, earlier, title)):
                    _make(server, title)
            answered.append((log.stat().st_size, title))
            if number % 2:  # connections come in turn, and a request may have taken each once
                server.get("/todos")
    finally:
        server.kill()
        server.record_disk = None
    done = operations(log.read_bytes(), server.folder)
    first = sum(operation.end <= began for operation in done)
    if first == len(done):
        raise NotPossible(
            "The app has written to no SQLite file, so there is nothing to cut.",
            "Does it keep its todos in a file, such as sqlite:///./todos.db?",
        )
    return _Recording(before, done, first, answered)


def _make_beside_a_reader(server: Server, title: str) -> Exchange:
    """Make a todo while another client reads, so that a pool has two connections from here on.

    What the app has set on one of them alone does not hold for the other. Returns the answer.
    """
    post, read = ("POST", "/todos", {"title": title}), ("GET", "/todos", None)
    made = server.interleave(post, "write", read).held
    _must_be_made(made)
    return made


@contextmanager
def _read_meanwhile(server: Server) -> Iterator[None]:
    """Have another program read what is there now, until the end of the block.

    With a write-ahead log, that is: without one, a writer would have to wait. What is synced when
    the log is written back alone is not, as long as somebody reads what was there before.
    """
    found = [path for path in server.databases() if path.is_file()]
    with ExitStack() as stack:
        with suppress(DatabaseLocked):  # then no other program ever reads it
            stack.enter_context(
                being_read([path for path in found if databases.has_log(path.read_bytes())])
            )
        yield


def _is_renamed(server: Server, made: Exchange, title: str) -> bool:
    """Whether a todo that was made has got another title, and that was answered 2xx.

    What an app syncs for a new todo alone may be lost where one is changed.
    """
    todo = one_in(made.json)
    if not todo or "id" not in todo or not server.resource.can_change(title=title):
        return False
    body = {"title": title, "completed": False}
    return server.put(f"/todos/{todo['id']}", body).ok


def _make(server: Server, title: str) -> None:
    _must_be_made(server.post("/todos", {"title": title}))


def _must_be_made(answer: Exchange) -> None:
    if not answer.ok:
        raise MakesNoTodos(answer)


def _databases(folder: Path) -> dict[str, bytes]:
    """Return the content of every database in a folder, and of what SQLite keeps beside it."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for path in databases.find(folder)
        for file in databases.files_of(path)
    }


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _loss(disk: Disk, recording: _Recording, folder: Path) -> Loss | None:
    """Return what is wrong on a disk, as SQLite finds it when it opens the files; else None."""
    end = recording.done[disk.operations - 1].end
    due = [title for at, title in recording.answered if at <= end]
    _write(disk.files, folder)
    try:
        found: set[object] = set()
        for path in databases.find(folder):
            with closing(sqlite3.connect(path)) as connection:
                (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
                if said != "ok":
                    return Loss(disk, len(due), (), said)
                found.update(_texts(connection))
    except sqlite3.DatabaseError as error:
        return Loss(disk, len(due), (), str(error))
    finally:
        for file in [path for path in folder.rglob("*") if path.is_file()]:
            file.unlink()
    # Compared without case: how an app writes a title is its own affair.
    missing = tuple(title for title in due if title.casefold() not in found)
    return Loss(disk, len(due), missing, "") if missing else None


def _texts(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield every text in every table, without case."""
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (table,) in tables:
        for row in connection.execute(f"SELECT * FROM {databases.quoted(table)}"):
            yield from (value.strip().casefold() for value in row if isinstance(value, str))


def _restarted(
    workspace: Workspace, launcher: Launcher, resource: Resource, worst: Loss, stage: Path
) -> tuple[Exchange | None, str]:
    """Start the learner's API on a disk: (its list of todos, or why there is none)."""
    workspace.stage(stage, databases=False)
    _write(worst.disk.files, stage)
    with Server(stage, launcher, workspace.app) as server:
        server.resource = resource
        try:
            server.start()
            return server.get("/todos"), ""
        except AppFailed as failure:
            return None, failure.message
