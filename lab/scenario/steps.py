"""The steps that play an exercise: what is said, sent, shown and done, in order. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.scenario.observations import Seen


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
    | MigrateDatabase
    | AdoptDatabase
    | MoveDatabase
    | Leave
)
