"""What a scenario file declares: exercises, their texts, and the steps that play them. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from lab.edits import Edit
    from lab.play.seen import Seen

Kind = Literal["persist", "alter", "break", "fix", "claim"]
Test: TypeAlias = "Callable[[Seen], bool]"
START = "start"  # the name of an exercise's `start` among its ways
Database = Literal["sqlite", "postgresql", "mysql"]
FILE: tuple[Database, ...] = ("sqlite",)
SERVERS: tuple[Database, ...] = ("postgresql", "mysql")
ALL: tuple[Database, ...] = (*FILE, *SERVERS)
KINDS: tuple[Kind, ...] = ("persist", "alter", "break", "fix", "claim")


@dataclass(frozen=True)
class Prediction:
    """A question before something happens. Which choice is right is measured, never declared.

    `of` reduces what was seen to the key of the choice that came true, or to something else where
    none of them did. `why` is a general truth about the question, shown after the comparison.
    """

    question: str
    of: Callable[[Seen], object]
    choices: Mapping[Any, str]
    why: str

    @property
    def texts(self) -> tuple[str, ...]:
        """The choices as the learner reads them, in their order."""
        return tuple(self.choices.values())

    def happened(self, seen: Seen) -> int | None:
        """The index of the choice that came true; None where none of them did."""
        key = self.of(seen)
        return list(self.choices).index(key) if key in self.choices else None


# -- steps -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Say:
    """A sentence; one that says what was measured is made from what was seen."""

    text: str | Callable[[Seen], str]


@dataclass(frozen=True)
class Predict:
    """Ask for the exercise's prediction here, and not just before the change."""


@dataclass(frozen=True)
class Start:
    """Start the server, or stop it gracefully and start it again where it runs.

    `collect=False` turns the cyclic garbage collector off in it, so that leaks are exact numbers;
    `pool_timeout` lowers the 30 seconds that SQLAlchemy waits for a free connection.
    """

    collect: bool = True
    pool_timeout: float | None = None


@dataclass(frozen=True)
class Stop:
    """Stop the server as Ctrl+C would, or with SIGKILL."""

    kill: bool = False


@dataclass(frozen=True)
class Fresh:
    """From here on there is no database, as in a clone. The workspace keeps its own."""


@dataclass(frozen=True)
class Request:
    """One HTTP request, known to predicates as "GET /todos".

    "{id}" in the path, or as a value in the body, is the id of what the last POST has made.
    """

    method: str
    path: str
    body: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def get(path: str = "/todos") -> Request:
    """A GET."""
    return Request("GET", path)


def post(title: str, **fields: Any) -> Request:
    """A POST /todos."""
    return Request("POST", "/todos", {"title": title, **fields})


@dataclass(frozen=True)
class Connections:
    """Send a request `times` times, and count the connections that are out after each."""

    times: int
    request: Request


@dataclass(frozen=True)
class AtOnce:
    """Send a request `times` times at the same moment."""

    times: int
    request: Request


@dataclass(frozen=True)
class Refused:
    """Send a request that makes a todo, while the database refuses new todos."""

    request: Request


@dataclass(frozen=True)
class KillInBurst:
    """Create todos from several clients at once, and SIGKILL the server in the middle."""

    answers: int  # how many answers to wait for before the kill


@dataclass(frozen=True)
class Alembic:
    """Run an Alembic command, such as "upgrade head", in the folder; the server is stopped."""

    arguments: str


@dataclass(frozen=True)
class ShowRows:
    """Show the rows of the todos in the database file."""


@dataclass(frozen=True)
class ShowDrift:
    """Show which columns of the models the tables lack."""


@dataclass(frozen=True)
class ShowSource:
    """Show a file of the app."""

    file: str


@dataclass(frozen=True)
class ShowFiles:
    """Show the database files that there are, what SQLite keeps beside them, and their todos."""


@dataclass(frozen=True)
class ChangeFolder:
    """The next start is made from a folder below the workspace, "" for the workspace itself."""

    name: str


@dataclass(frozen=True)
class DeleteDatabase:
    """Delete the database files that the app has opened, under a running server too."""


@dataclass(frozen=True)
class DropConnections:
    """End the app's connections to its database server, as a restart of that one does."""


@dataclass(frozen=True)
class Leave:
    """The workspace gets the state that the files have here, not the one after the change."""


Step = (
    Say
    | Predict
    | Start
    | Stop
    | Fresh
    | Request
    | Connections
    | AtOnce
    | Refused
    | KillInBurst
    | Alembic
    | ShowRows
    | ShowDrift
    | ShowSource
    | ShowFiles
    | ChangeFolder
    | DeleteDatabase
    | DropConnections
    | Leave
)


# -- changes ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class MigrateDatabase:
    """Add to the tables, through Alembic, the columns that the models have and they lack."""


@dataclass(frozen=True)
class AdoptDatabase:
    """Bring a database that Alembic does not know yet to its last revision.

    A table without `column` is what the revision `first` makes; one with it is the last already.
    """

    first: str
    column: str


@dataclass(frozen=True)
class MoveDatabase:
    """Move the rows of the database files to the database server that was named."""


Change: TypeAlias = (
    "Edit | DeleteDatabase | MigrateDatabase | AdoptDatabase | ChangeFolder | MoveDatabase "
    "| DropConnections"
)


@dataclass(frozen=True)
class Way:
    """One way to bring a change about. The first of an exercise is the one without an option."""

    changes: tuple[Change, ...]
    says: str
    name: str = ""


# -- exercises -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exercise:
    """One exercise. `id`, `number`, `source` and `more` are given by the catalogue.

    The play is `before`, the change, `after`. A break refuses to start where `before` does not
    show a healthy app; a fix does nothing where `needed` does not hold after `before`.
    A fix has worked where `mended` holds; without one, where no request crashed.
    A claim is played on an `app` of its own, and is settled by a prediction and a look.
    `start` takes out of the app what the learner is to write; it is judged only after that.
    `databases` are those on which it has a meaning; where no "sqlite" is among them, it is played
    and judged on a server. It `includes` the checks of other exercises, by their ids.
    """

    kind: Kind
    title: str
    teaches: str
    task: str
    hints: tuple[str, ...]
    after: tuple[Step, ...]
    before: tuple[Step, ...] = ()
    ways: tuple[Way, ...] = ()
    start: Way | None = None
    databases: tuple[Database, ...] = FILE
    includes: tuple[str, ...] = ()
    needs: str = ""  # a package that an extra of this name brings
    app: Mapping[str, str] = field(default_factory=dict)  # file name -> source
    prediction: Prediction | None = None
    symptom: Test | None = None
    needed: Test | None = None
    mended: Test | None = None
    id: str = ""
    number: int = 0
    source: str = ""
    more: bool = False

    def way(self, name: str | None) -> Way | None:
        """The way of that name, the first one for None; None where there is no such way."""
        if not name:
            return self.ways[0] if self.ways else None
        if name == START and self.start:
            return self.start
        return next((way for way in self.ways if way.name == name), None)


@dataclass(frozen=True)
class Demo:
    """Something to show to others, on a throw-away copy. `app` replaces the reference API."""

    title: str
    teaches: str
    steps: tuple[Step, ...]
    app: Mapping[str, str] = field(default_factory=dict)  # file name -> source
    name: str = ""


@dataclass(frozen=True)
class Scenario:
    """What one file under scenarios/ declares as `scenario`: one story."""

    source: str  # the course note, and what it calls the exercise
    exercises: tuple[Exercise, ...] = ()
    demo: Demo | None = None
    more: bool = False  # beyond the documented track
