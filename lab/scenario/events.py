"""What a play tells: one frozen value for each thing that happened. No I/O.

The event of a step has the step's words in the past (lab.scenario.steps): Request is told as
Requested, DeleteDatabase as DatabaseDeleted. Chapter, Unexpected, NothingToDo, Kept and Next tell
of the play as a whole. A play pushes its events to a Listener as they come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from lab.model import Crash, Exchange, Frame, Rows


@dataclass(frozen=True)
class Chapter:
    """A part of the play begins."""

    title: str


@dataclass(frozen=True)
class Said:
    """A sentence to the learner."""

    text: str


@dataclass(frozen=True)
class Predicted:
    """What was asked, and what happened. None stands for no prediction, and for no choice."""

    question: str
    choices: tuple[str, ...]
    predicted: int | None
    happened: int | None
    why: str

    @property
    def right(self) -> bool:
        """Whether the prediction came true."""
        return self.predicted is not None and self.predicted == self.happened


@dataclass(frozen=True)
class Started:
    """The server serves; `anew` are the database files that were not there before."""

    again: bool
    collect: bool
    pool_timeout: float | None
    anew: tuple[str, ...] = ()


@dataclass(frozen=True)
class StartedAtOnce:
    """Two processes have started, the second while the first was held before its first table."""

    was_held: bool  # else the first one serves before the second one is started
    waited: bool  # the second one could not go on before the first one did
    failures: tuple[str, str]  # why the first and the second do not serve; "" where they do


@dataclass(frozen=True)
class Stopped:
    """The server has ended, by SIGTERM or by SIGKILL."""

    killed: bool


@dataclass(frozen=True)
class Requested:
    """One request and its answer; `provoked` where the lab made it fail."""

    exchange: Exchange
    provoked: bool = False


@dataclass(frozen=True)
class ConnectionsCounted:
    """The connections that were checked out of the pool after each of some requests."""

    request: str
    exchanges: tuple[Exchange, ...]
    out: tuple[int, ...]
    frame: Frame | None  # the learner's line that took one of them


@dataclass(frozen=True)
class StatementsCounted:
    """One request, its answer, and the SQL that it ran: (statement, how many times)."""

    exchange: Exchange
    statements: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """How many statements that were."""
        return sum(times for _, times in self.statements)


@dataclass(frozen=True)
class RequestedAtOnce:
    """Many requests at the same moment, and how the first one that failed crashed."""

    request: str
    exchanges: tuple[Exchange, ...]
    seconds: float
    crash: Crash | None = None


@dataclass(frozen=True)
class RequestedBetween:
    """Two requests, the one `held` before its first write while the other one was sent."""

    held: Exchange
    other: Exchange
    was_held: bool  # else the one was over before the other one was sent
    waited: bool  # the other one could not finish before the held one went on
    locked: bool = False  # it was held by a lock of the database, which the lab had

    @property
    def exchanges(self) -> tuple[Exchange, Exchange]:
        """Both."""
        return self.held, self.other


@dataclass(frozen=True)
class KilledInBurst:
    """The writes that were answered before the server was killed in the middle of more."""

    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True)
class PowerCut:
    """So many todos were acknowledged; what the disks lack that a power cut could leave."""

    acknowledged: int
    disks: int  # that were tried
    lacking: int  # that lack an acknowledged todo
    damaged: int  # that SQLite finds corrupt
    lost: tuple[str, ...]  # the titles that the worst one lacks, on which the play goes on


@dataclass(frozen=True)
class TestRan:
    """A test was run on an API that `says` describes, and passed there or not."""

    __test__ = False  # pytest is not to collect it

    file: str
    says: str
    passed: bool


@dataclass(frozen=True)
class AlembicRan:
    """A command of Alembic was run in the app's folder, and it said this."""

    command: str
    output: str


@dataclass(frozen=True)
class BackupTried:
    """A script was run, and the app on the backup that it made was asked for its todos."""

    command: str
    code: int | None  # None: it did not end
    output: str
    backup: str
    database: str  # whose place the backup took, in a copy of the folder
    exchanges: tuple[Exchange, ...]  # none where there was no backup


@dataclass(frozen=True)
class RowsShown:
    """The rows of the todos in the database file; None where there is no such table or file."""

    files: tuple[str, ...]  # the database files that there are
    rows: Rows | None


@dataclass(frozen=True)
class DriftShown:
    """What the tables lack of the models, a sentence each; none where they agree."""

    lacks: tuple[str, ...]


@dataclass(frozen=True)
class SourceShown:
    """A file of the app."""

    file: str
    source: str


@dataclass(frozen=True)
class FilesShown:
    """The database files: name, bytes, and todos in it, None where it is no database of them."""

    files: tuple[tuple[str, int, int | None], ...]


@dataclass(frozen=True)
class FolderChanged:
    """The next start is made from this folder below the workspace; "" for the workspace."""

    folder: str
    removed: tuple[str, ...] = ()  # folders that the lab had made


@dataclass(frozen=True)
class FilesWritten:
    """Sources were changed, or came to be."""

    diff: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatabaseDeleted:
    """Database files were deleted."""

    files: tuple[str, ...]
    running: bool  # under a running server


@dataclass(frozen=True)
class DatabaseMigrated:
    """Columns were added to a database, by this SQL."""

    file: str
    sql: tuple[str, ...]


@dataclass(frozen=True)
class DatabaseMoved:
    """Rows were moved to a database server; `rehearsed` where in a database that will be gone."""

    place: str
    tables: tuple[tuple[str, int], ...]  # (table, how many rows)
    rehearsed: bool


@dataclass(frozen=True)
class ConnectionsDropped:
    """The database server has ended the app's connections."""

    count: int


@dataclass(frozen=True)
class Unexpected:
    """The play did not come to what it is for, on this app. The workspace stays as it was."""

    text: str


@dataclass(frozen=True)
class NothingToDo:
    """The exercise has nothing to do here. The workspace stays as it was."""

    text: str


@dataclass(frozen=True)
class Kept:
    """The workspace was changed; the snapshot leads back."""

    changed: tuple[str, ...]
    snapshot: int | None


@dataclass(frozen=True)
class Next:
    """What to do now."""

    text: str
    commands: tuple[tuple[str, str], ...]  # (command, what it does)


Event = (
    Chapter
    | Said
    | Predicted
    | Started
    | StartedAtOnce
    | Stopped
    | Requested
    | ConnectionsCounted
    | StatementsCounted
    | RequestedAtOnce
    | RequestedBetween
    | KilledInBurst
    | PowerCut
    | TestRan
    | AlembicRan
    | BackupTried
    | RowsShown
    | DriftShown
    | SourceShown
    | FilesShown
    | FolderChanged
    | FilesWritten
    | DatabaseDeleted
    | DatabaseMigrated
    | DatabaseMoved
    | ConnectionsDropped
    | Unexpected
    | NothingToDo
    | Kept
    | Next
)
Listener = Callable[[Event], None]

# What scripts read: a name stays as it is, whatever becomes of the class.
JSON_NAMES: dict[type[Event], str] = {
    Chapter: "chapter",
    Said: "said",
    Predicted: "compared",
    Started: "started",
    StartedAtOnce: "started_at_once",
    Stopped: "stopped",
    Requested: "sent",
    ConnectionsCounted: "measured",
    StatementsCounted: "statements_counted",
    RequestedAtOnce: "crowded",
    RequestedBetween: "interleaved",
    KilledInBurst: "burst",
    PowerCut: "power_cut",
    TestRan: "test_ran",
    AlembicRan: "commanded",
    BackupTried: "backup_tried",
    RowsShown: "rows_shown",
    DriftShown: "drifted",
    SourceShown: "source_shown",
    FilesShown: "files_shown",
    FolderChanged: "moved",
    FilesWritten: "changed",
    DatabaseDeleted: "deleted",
    DatabaseMigrated: "migrated",
    DatabaseMoved: "rows_moved",
    ConnectionsDropped: "connections_dropped",
    Unexpected: "unexpected",
    NothingToDo: "nothing_to_do",
    Kept: "kept",
    Next: "next",
}


def as_json(event: Event) -> dict[str, Any]:
    """Return the event as plain values, its name under "event"."""
    return {"event": JSON_NAMES[type(event)], **asdict(event)}
