"""A database that refuses every new todo for a while, as where a rule of its tables is broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab.appserver.locked import opened
from lab.appserver.server import Server
from lab.appserver.tables import table_of
from lab.model import NotPossible
from lab.workspace import databases

TRIGGER = "lab_refuses"


class NoTable(NotPossible):
    """The app keeps its todos in no SQLite table that the lab knows."""


@contextmanager
def refusing(server: Server) -> Iterator[None]:
    """Let the database of a running server refuse the INSERT of a todo until the block ends.

    Raises NoTable where the todos are in no SQLite table, DatabaseLocked where the app keeps
    its database locked between two requests.
    """
    found = table_of(server)
    if found is None:
        raise NoTable(
            "The app has no SQLite table of todos that could refuse a new one.",
            "Does it keep its todos in a file, such as sqlite:///./todos.db?",
        )
    path, table = found
    with opened(path) as database:
        database.execute(
            f"CREATE TRIGGER {TRIGGER} BEFORE INSERT ON {databases.quoted(table)} "
            "BEGIN SELECT RAISE(ABORT, 'the database refuses this todo'); END"
        )
    try:
        yield
    finally:
        with opened(path) as database:
            database.execute(f"DROP TRIGGER IF EXISTS {TRIGGER}")
