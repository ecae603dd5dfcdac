"""A row of which the app can make no answer, as a mishap may leave it."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from lab.answers import Todo
from lab.appserver.locked import opened
from lab.appserver.tables import table_of
from lab.model import DatabaseLocked, NotApplicable
from lab.verify.todos import Todos
from lab.workspace import databases
from lab.workspace.databases import quoted


def make_unreadable(todos: Todos, made: Todo) -> None:
    """Put bytes that are no text in the place of a todo's title.

    Raises NotApplicable where that cannot be done.
    """
    if found := table_of(todos.server):
        path, table = found
        for column in map(quoted, databases.columns(path, table)):
            change = f"UPDATE {quoted(table)} SET {column} = X'FF' WHERE {column} = ?"
            with suppress(sqlite3.Error, DatabaseLocked), opened(path) as database:
                if database.execute(change, (str(made["title"]),)).rowcount:
                    return
    raise NotApplicable("a SQLite table of todos in which a title can be spoilt", "none")
