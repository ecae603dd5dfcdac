"""A database that refuses to write for a while, as where a rule of its tables is broken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from lab.appserver.locked import opened
from lab.appserver.server import Server
from lab.appserver.tables import table_of
from lab.model import NotPossible
from lab.workspace import databases

REFUSE = "BEGIN SELECT RAISE(ABORT, 'the database refuses this todo'); END"
TRIGGERS, COUNTED = ("lab_refuses", "lab_counts"), "lab_counted"


class NoTable(NotPossible):
    """The app keeps its todos in no SQLite table that the lab knows."""


def refusing(server: Server) -> AbstractContextManager[None]:
    """Let the database of a running server refuse the INSERT of a todo until the block ends.

    Raises NoTable where the todos are in no SQLite table, DatabaseLocked where the app keeps
    its database locked between two requests.
    """
    return _with(server, f"CREATE TRIGGER {TRIGGERS[0]} BEFORE INSERT ON {{table}} {REFUSE}")


def refusing_changes(server: Server) -> AbstractContextManager[None]:
    """Let it refuse every UPDATE of a todo until the block ends. Raises as refusing() does."""
    return _with(server, f"CREATE TRIGGER {TRIGGERS[0]} BEFORE UPDATE ON {{table}} {REFUSE}")


def refusing_the_second(server: Server) -> AbstractContextManager[None]:
    """Let it take one UPDATE of a todo, and refuse the next, until the block ends.

    One that is taken back does not count. Raises as refusing() does.
    """
    return _with(
        server,
        f"CREATE TABLE {COUNTED} (updates)",
        f"CREATE TRIGGER {TRIGGERS[1]} AFTER UPDATE ON {{table}} "
        f"BEGIN INSERT INTO {COUNTED} VALUES (1); END",
        f"CREATE TRIGGER {TRIGGERS[0]} BEFORE UPDATE ON {{table}} "
        f"WHEN EXISTS (SELECT 1 FROM {COUNTED}) {REFUSE}",
    )


@contextmanager
def _with(server: Server, *rules: str) -> Iterator[None]:
    found = table_of(server)
    if found is None:
        raise NoTable(
            "The app has no SQLite table of todos that could refuse a new one.",
            "Does it keep its todos in a file, such as sqlite:///./todos.db?",
        )
    path, table = found
    with opened(path) as database:
        for rule in rules:
            database.execute(rule.format(table=databases.quoted(table)))
    try:
        yield
    finally:
        with opened(path) as database:
            for trigger in TRIGGERS:
                database.execute(f"DROP TRIGGER IF EXISTS {trigger}")
            database.execute(f"DROP TABLE IF EXISTS {COUNTED}")
