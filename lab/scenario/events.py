"""What a play tells: one frozen value for each thing that happened. No I/O.

The event of a step has the step's words in the past (lab.scenario.steps): Request is told as
Requested, DeleteDatabase as DatabaseDeleted. Chapter, Unexpected, NothingToDo, Kept and Next tell
of the play as a whole. A play pushes its events to a Listener as they come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from lab.model import Crash, Exchange, Frame, Rows


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    json_name: ClassVar[str]  # what scripts read: it stays as it is, whatever the class is called

    def __init_subclass__(cls, *, json_name: str) -> None:
        cls.json_name = json_name


@dataclass(frozen=True)
class Chapter(Event, json_name="chapter"):
    """A part of the play begins."""

    title: str


@dataclass(frozen=True)
class Said(Event, json_name="said"):
    """A sentence to the learner."""

    text: str


@dataclass(frozen=True)
class Predicted(Event, json_name="compared"):
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
class Started(Event, json_name="started"):
    """The server serves; `anew` are the database files that were not there before."""

    again: bool
    collect: bool
    pool_timeout: float | None
    anew: tuple[str, ...] = ()


@dataclass(frozen=True)
class StartedAtOnce(Event, json_name="started_at_once"):
    """Two processes have started, the second while the first was held before its first table."""

    was_held: bool  # else the first one serves before the second one is started
    waited: bool  # the second one could not go on before the first one did
    failures: tuple[str, str]  # why the first and the second do not serve; "" where they do


@dataclass(frozen=True)
class Stopped(Event, json_name="stopped"):
    """The server has ended, by SIGTERM or by SIGKILL."""

    killed: bool


@dataclass(frozen=True)
class Requested(Event, json_name="sent"):
    """One request and its answer; `provoked` where the lab made it fail."""

    exchange: Exchange
    provoked: bool = False


@dataclass(frozen=True)
class ConnectionsCounted(Event, json_name="measured"):
    """The connections that were checked out of the pool after each of some requests."""

    request: str
    exchanges: tuple[Exchange, ...]
    out: tuple[int, ...]
    frame: Frame | None  # the learner's line that took one of them


@dataclass(frozen=True)
class StatementsCounted(Event, json_name="statements_counted"):
    """One request, its answer, and the SQL that it ran: (statement, how many times)."""

    exchange: Exchange
    statements: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """How many statements that were."""
        return sum(times for _, times in self.statements)


@dataclass(frozen=True)
class RequestedAtOnce(Event, json_name="crowded"):
    """Many requests at the same moment, and how the first one that failed crashed."""

    request: str
    exchanges: tuple[Exchange, ...]
    seconds: float
    crash: Crash | None = None


@dataclass(frozen=True)
class RequestedBetween(Event, json_name="interleaved"):
    """Two requests, the one `held` before a moment of its own while the other one was sent."""

    held: Exchange
    other: Exchange
    was_held: bool  # else the one was over before the other one was sent
    waited: bool  # the other one could not finish before the held one went on
    locked: bool = False  # it was held by a lock of the database, which the lab had
    moment: str = "its first write"

    @property
    def exchanges(self) -> tuple[Exchange, Exchange]:
        """Both."""
        return self.held, self.other


@dataclass(frozen=True)
class KilledInBurst(Event, json_name="burst"):
    """The writes that were answered before the server was killed in the middle of more."""

    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True)
class PowerCut(Event, json_name="power_cut"):
    """So many todos were acknowledged; what the disks lack that a power cut could leave."""

    acknowledged: int
    disks: int  # that were tried
    lacking: int  # that lack an acknowledged todo
    damaged: int  # that SQLite finds corrupt
    lost: tuple[str, ...]  # the titles that the worst one lacks, on which the play goes on


@dataclass(frozen=True)
class TestRan(Event, json_name="test_ran"):
    """A test was run on an API that `says` describes, and passed there or not."""

    __test__ = False  # pytest is not to collect it

    file: str
    says: str
    passed: bool


@dataclass(frozen=True)
class AlembicRan(Event, json_name="commanded"):
    """A command of Alembic was run in the app's folder, and it said this."""

    command: str
    output: str


@dataclass(frozen=True)
class BackupTried(Event, json_name="backup_tried"):
    """A script was run, and the app on the backup that it made was asked for its todos."""

    command: str
    code: int | None  # None: it did not end
    output: str
    backup: str
    database: str  # whose place the backup took, in a copy of the folder
    exchanges: tuple[Exchange, ...]  # none where there was no backup


@dataclass(frozen=True)
class RowsShown(Event, json_name="rows_shown"):
    """The rows of the todos in the database file; None where there is no such table or file."""

    files: tuple[str, ...]  # the database files that there are
    rows: Rows | None


@dataclass(frozen=True)
class DriftShown(Event, json_name="drifted"):
    """What the tables lack of the models, a sentence each; none where they agree."""

    lacks: tuple[str, ...]


@dataclass(frozen=True)
class SourceShown(Event, json_name="source_shown"):
    """A file of the app."""

    file: str
    source: str


@dataclass(frozen=True)
class FilesShown(Event, json_name="files_shown"):
    """The database files: name, bytes, and todos in it, None where it is no database of them."""

    files: tuple[tuple[str, int, int | None], ...]


@dataclass(frozen=True)
class FolderChanged(Event, json_name="moved"):
    """The next start is made from this folder below the workspace; "" for the workspace."""

    folder: str
    removed: tuple[str, ...] = ()  # folders that the lab had made


@dataclass(frozen=True)
class FilesWritten(Event, json_name="changed"):
    """Sources were changed, or came to be."""

    diff: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatabaseDeleted(Event, json_name="deleted"):
    """Database files were deleted."""

    files: tuple[str, ...]
    running: bool  # under a running server


@dataclass(frozen=True)
class DatabaseMigrated(Event, json_name="migrated"):
    """Columns were added to a database, by this SQL."""

    file: str
    sql: tuple[str, ...]


@dataclass(frozen=True)
class DatabaseMoved(Event, json_name="rows_moved"):
    """Rows were moved to a database server; `rehearsed` where in a database that will be gone."""

    place: str
    tables: tuple[tuple[str, int], ...]  # (table, how many rows)
    rehearsed: bool


@dataclass(frozen=True)
class ConnectionsDropped(Event, json_name="connections_dropped"):
    """The database server has ended the app's connections."""

    count: int


@dataclass(frozen=True)
class Unexpected(Event, json_name="unexpected"):
    """The play did not come to what it is for, on this app. The workspace stays as it was."""

    text: str


@dataclass(frozen=True)
class NothingToDo(Event, json_name="nothing_to_do"):
    """The exercise has nothing to do here. The workspace stays as it was."""

    text: str


@dataclass(frozen=True)
class Kept(Event, json_name="kept"):
    """The workspace was changed; the snapshot leads back."""

    changed: tuple[str, ...]
    snapshot: int | None


@dataclass(frozen=True)
class Next(Event, json_name="next"):
    """What to do now."""

    text: str
    commands: tuple[tuple[str, str], ...]  # (command, what it does)


Listener = Callable[[Event], None]


def as_json(event: Event) -> dict[str, Any]:
    """Return the event as plain values, its name under "event"."""
    return {"event": event.json_name, **asdict(event, dict_factory=_values)}


def _values(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields that are values: how an answer is read in other names is none."""
    return {name: value for name, value in fields if not callable(value)}
