"""A database that refuses every new todo for a while, as where a rule of its tables is broken."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lab.appserver.rows import todo_table
from lab.appserver.server import Server
from lab.model import DatabaseLocked, NotPossible

TRIGGER = "lab_refuses"
WAIT = 5.0  # seconds, as SQLite's own default


class NoTable(NotPossible):
    """The app keeps its todos in no SQLite table that the lab knows."""


@contextmanager
def refusing(server: Server) -> Iterator[None]:
    """Let the database of a running server refuse the INSERT of a todo until the block ends.

    Raises NoTable where the todos are in no SQLite table, DatabaseLocked where the app keeps
    its database locked between two requests.
    """
    mapped = {model["table"] for model in server.models()}
    found = todo_table(server.databases(), mapped)
    if found is None:
        raise NoTable(
            "The app has no SQLite table of todos that could refuse a new one.",
            "Does it keep its todos in a file, such as sqlite:///./todos.db?",
        )
    path, table = found
    quoted = table.replace('"', '""')
    _execute(
        path,
        f'CREATE TRIGGER {TRIGGER} BEFORE INSERT ON "{quoted}" '
        "BEGIN SELECT RAISE(ABORT, 'the database refuses this todo'); END",
    )
    try:
        yield
    finally:
        _execute(path, f"DROP TRIGGER IF EXISTS {TRIGGER}")


def _execute(path: Path, sql: str) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as database:
            database.execute(sql)
    except sqlite3.OperationalError as error:
        raise DatabaseLocked(
            f"The database {path.name} is locked between two requests ({error}).",
            "A transaction was begun and neither committed nor taken back: look for it.",
        ) from error
