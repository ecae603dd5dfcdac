"""Whether an app that was given a database on a server uses it."""

from __future__ import annotations

from lab.appserver.rows import todo_rows
from lab.appserver.server import Server
from lab.appserver.tables import rows_of
from lab.model import CheckFailed


def must_use(server: Server) -> None:
    """Raise CheckFailed where the app was given a database and keeps its todos elsewhere."""
    url = server.database_url
    if url is None:
        return
    files = [path for path in server.databases() if path.exists()]
    elsewhere = todo_rows(files)
    if url.dialect in server.dialects() and not (elsewhere and elsewhere.rows and _empty(server)):
        return
    names = ", ".join(path.relative_to(server.folder).as_posix() for path in files)
    raise CheckFailed(
        expected=f"the todos in the database on {url.kind} that DATABASE_URL names",
        actual=f"the app keeps them in {names}, with SQLite"
        if names
        else f"the app has not connected to {url.kind} at all",
        help="Where does the engine get its URL from? The environment has DATABASE_URL.",
    )


def _empty(server: Server) -> bool:
    rows = rows_of(server)
    return not rows or not rows.rows
