"""A row of which the app can make no answer, as a mishap may leave it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from lab.answers import Todo
from lab.appserver.rows import todo_table
from lab.model import NotApplicable
from lab.verify.todos import Todos
from lab.workspace import databases

WAIT = 5.0  # seconds for a database that is locked, as SQLite's own default


def make_unreadable(todos: Todos, made: Todo) -> None:
    """Put bytes that are no text in the place of a todo's title.

    Raises NotApplicable where that cannot be done.
    """
    mapped = {model["table"] for model in todos.server.models()}
    if found := todo_table(todos.server.databases(), mapped):
        path, table = found
        quoted = _quoted(table)
        for column in map(_quoted, databases.columns(path, table)):
            change = f"UPDATE {quoted} SET {column} = X'FF' WHERE {column} = ?"
            with suppress(sqlite3.Error), closing(_opened(path)) as database:
                if database.execute(change, (str(made["title"]),)).rowcount:
                    return
    raise NotApplicable("a SQLite table of todos in which a title can be spoilt", "none")


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=WAIT, isolation_level=None)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
