"""Which database an app uses, and by which way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import dropwhile

from lab.appserver.rows import todo_rows
from lab.appserver.server import Server
from lab.appserver.tables import rows_of
from lab.model import CheckFailed, DatabaseLocked, NotApplicable


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


def must_use_sqlalchemy(server: Server) -> None:
    """Ask for requests that have gone through SQLAlchemy, whose sessions alone can be watched.

    What makes the tables at the start may do so where no request does. Raises NotApplicable where
    the app has reached a database without it, CheckFailed where none.
    """
    server.settle()
    started = dropwhile(lambda event: event["event"] != "request", server.events.all())
    if any(event["event"] in ("checkout", "sql") for event in started):
        return
    if files := [path.name for path in server.databases()]:
        raise NotApplicable(
            "a session or a connection of SQLAlchemy",
            f"requests that reach {', '.join(files)} without SQLAlchemy",
        )
    raise CheckFailed(
        expected="requests that use a connection of SQLAlchemy's pool, and give it back",
        actual="not one connection was checked out during these requests",
        help="The todos do not come from the database through SQLAlchemy.",
    )


@contextmanager
def must_not_lock() -> Iterator[None]:
    """Ask for a database that the app does not keep locked between two requests."""
    try:
        yield
    except DatabaseLocked as locked:
        raise CheckFailed(
            expected="a database that nobody has locked between two requests",
            actual=locked.message,
            help=locked.remedy,
        ) from locked


def _empty(server: Server) -> bool:
    rows = rows_of(server)
    return not rows or not rows.rows
