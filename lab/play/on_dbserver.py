"""Playing on a database server: databases for the show, and todos that move there from a file."""

from __future__ import annotations

from pathlib import Path

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.appserver.staged import staged
from lab.dbserver.moving import Moved, move_rows
from lab.dbserver.provider import ServerDatabases
from lab.dbserver.tables import todo_rows
from lab.dbserver.url import DatabaseURL
from lab.model import NotPossible
from lab.scenario.events import DatabaseMoved
from lab.workspace import databases
from lab.workspace.workspace import Workspace


def move(workspace: Workspace, launcher: Launcher, url: DatabaseURL) -> tuple[Moved, ...]:
    """Let the app make its tables on the server, then copy the rows of the workspace's files.

    Raises NotPossible where the app does not use DATABASE_URL or rows would be mixed, AppFailed.
    """
    with staged(workspace, launcher, databases=False, database_url=url) as server:
        server.start()
        server.get("/todos")
        used = url.dialect in server.dialects()
        server.stop()
    if not used:
        raise NotPossible(
            f"The app does not connect to {url.kind}, although DATABASE_URL names it.",
            'Let create_engine() take its URL from os.environ["DATABASE_URL"].',
        )
    return move_rows(databases.find(workspace.folder), url)


class OnServer:
    """What a play has of the database server that was named.

    All that is shown happens in databases that the lab makes. The learner's own gets the rows when
    the play has come to its end.
    """

    def __init__(self, provider: ServerDatabases, launcher: Launcher) -> None:
        self._provider = provider
        self._launcher = launcher

    def use_new_database(self, server: Server) -> None:
        """Let the app use a new, empty database from its next start on. Raises LabError."""
        server.database_url = self._provider.create().url

    def rehearse(self, server: Server) -> DatabaseMoved:
        """Move the rows of the app's files to a new database, and let the app use that one.

        Raises as move() does.
        """
        url = self._provider.create().url
        moved = move(_served(server, server.folder), self._launcher, url)
        server.database_url = url
        return _moved(url, moved, rehearsed=True)

    def perform(self, server: Server, result: Path) -> DatabaseMoved:
        """Move the rows of the files in `result`, with the app of the server, to the learner's own.

        Raises as move() does.
        """
        url = self._provider.url
        moved = move(_served(server, result), self._launcher, url)
        return _moved(url, moved, rehearsed=False)

    def rows_there(self) -> int:
        """How many todos the learner's own database has already. Raises LabError."""
        rows = todo_rows(self._provider.url)
        return len(rows.rows) if rows else 0

    @property
    def place(self) -> str:
        """The learner's own database, as a person would say it."""
        return _place(self._provider.url)


def _served(server: Server, folder: Path) -> Workspace:
    return Workspace(folder, server.app, server.resource.documented_path, is_read_only=True)


def _moved(url: DatabaseURL, moved: tuple[Moved, ...], *, rehearsed: bool) -> DatabaseMoved:
    tables = tuple((each.table, each.rows) for each in moved)
    return DatabaseMoved(_place(url), tables, rehearsed)


def _place(url: DatabaseURL) -> str:
    return f"the database {url.name} on {url.kind}"
