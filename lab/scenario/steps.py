"""The steps that play an exercise: what is said, sent, shown and done, in order. No I/O.

A step is named by a verb and its object. The event that tells that it was done has the same
words in the past (lab.scenario.events): ShowRows and RowsShown, Request and Requested. One that
is made of others is told by theirs. lab.play.interpreter does them, in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.codemods import Edit
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
class StartAtOnce:
    """Start two processes of the server, the second while the first is to make its first table."""


@dataclass(frozen=True)
class Clone:
    """From here on there is no database, as in a clone. The workspace keeps its own."""


@dataclass(frozen=True)
class Deploy:
    """Stop the server and throw its folder away; the code comes into a new one, a volume stays.

    As where a container takes the place of another one. The workspace keeps its own database.
    """


@dataclass(frozen=True)
class Request:
    """One HTTP request, known to predicates as "GET /todos".

    "{id}" in the path, or as a value in the body, is the id of what the last POST has made.
    With `refused`, the database refuses new todos meanwhile.
    """

    method: str
    path: str
    body: Any = None
    refused: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def get(path: str = "/todos") -> Request:
    """Return a GET."""
    return Request("GET", path)


def post(title: str, **fields: Any) -> Request:
    """Return a POST /todos."""
    return Request("POST", "/todos", {"title": title, **fields})


def refused(request: Request) -> Request:
    """Return the request, to be sent while the database refuses new todos."""
    return replace(request, refused=True)


@dataclass(frozen=True)
class CountConnections:
    """Send a request `times` times, and count the connections that are out after each."""

    times: int
    request: Request


@dataclass(frozen=True)
class CountStatements:
    """Send a request, and count the SQL statements that it needs."""

    request: Request


@dataclass(frozen=True)
class RequestAtOnce:
    """Send a request `times` times at the same moment."""

    times: int
    request: Request


@dataclass(frozen=True)
class RequestBetween:
    """Send a request, and another one while it is held before its first write.

    With `locked`, what holds it there is a lock: another program writes into the database.
    """

    held: Request
    other: Request
    locked: bool = False


@dataclass(frozen=True)
class RequestInTurn:
    """Send requests to a second process of the server and to the first, in turn.

    That is how a load balancer may send them to two workers.
    """

    requests: tuple[Request, ...]


@dataclass(frozen=True)
class RequestInForks:
    """Send a request to one of two forked workers, and another to the other before its COMMIT.

    The other one is sent to it again afterwards. The two are forked from a process that has
    imported the app, and end with the step.
    """

    held: Request
    other: Request


@dataclass(frozen=True)
class KillAtAnswer:
    """Send a request, and SIGKILL the server in the moment in which its answer, a 2xx, is out."""

    request: Request


@dataclass(frozen=True)
class KillInBurst:
    """Create todos from several clients at once, and SIGKILL the server in the middle."""

    answers: int  # how many answers to wait for before the kill


@dataclass(frozen=True)
class CutPower:
    """Make some todos, and cut the power in the worst moment; the files are as it leaves them."""


@dataclass(frozen=True)
class RunTest:
    """Run a test on an API of the lab's: the reference with some edits, which `says` describes.

    The test is in a file of the workspace, or the `source` that is given.
    """

    file: str
    says: str
    edits: tuple[Edit, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class RunAlembic:
    """Run an Alembic command, such as "upgrade head", in the folder; the server is stopped."""

    arguments: str


@dataclass(frozen=True)
class TryRevision:
    """Let Alembic write the next revision and run it in a copy of the folder; show the rows there.

    The server is stopped.
    """


@dataclass(frozen=True)
class TryBackup:
    """Run a script that backs up the database, and list the todos in a copy of the folder with it.

    The copy has the backup in the place of the database, and the app is started there.
    """

    script: str


@dataclass(frozen=True)
class ShowRows:
    """Show the rows of the todos in the database file."""


@dataclass(frozen=True)
class ShowDrift:
    """Show which columns of the models the tables lack."""


@dataclass(frozen=True)
class ShowSource:
    """Show a file of the app, or what may be in a file of that name."""

    file: str
    source: str = ""


@dataclass(frozen=True)
class ShowFiles:
    """Show the database files that there are, what SQLite keeps beside them, and their todos."""


@dataclass(frozen=True)
class ChangeFolder:
    """The next start is made from a folder below the workspace, "" for the workspace itself."""

    name: str


@dataclass(frozen=True)
class WriteFiles:
    """Write files, by their paths below the workspace. What edits come to is one of these."""

    files: Mapping[str, bytes]


@dataclass(frozen=True)
class DeleteDatabase:
    """Delete the database files that the app has opened, under a running server too."""


@dataclass(frozen=True)
class MigrateDatabase:
    """Add to the tables, through Alembic, the columns that the models have and they lack.

    Where the app has migrations of its own, they become a new one.
    """


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
class DropConnections:
    """End the app's connections to its database server, as a restart of that one does."""


Step = (
    Say
    | Predict
    | Start
    | Stop
    | StartAtOnce
    | Clone
    | Deploy
    | Request
    | CountConnections
    | CountStatements
    | RequestAtOnce
    | RequestBetween
    | RequestInTurn
    | RequestInForks
    | KillAtAnswer
    | KillInBurst
    | CutPower
    | RunTest
    | RunAlembic
    | TryRevision
    | TryBackup
    | ShowRows
    | ShowDrift
    | ShowSource
    | ShowFiles
    | ChangeFolder
    | WriteFiles
    | DeleteDatabase
    | MigrateDatabase
    | AdoptDatabase
    | MoveDatabase
    | DropConnections
)
