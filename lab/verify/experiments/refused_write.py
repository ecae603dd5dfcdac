"""A write that the database refuses, as a check sends it."""

from __future__ import annotations

from lab.appserver.refused_writes import NoTable, refusing
from lab.model import Exchange, NotApplicable
from lab.verify.database_use import must_not_lock
from lab.verify.todos import Todos


def refused_write(todos: Todos) -> Exchange:
    """POST a todo that the database refuses, and return the answer.

    Raises NotApplicable where no SQLite table has the todos, and CheckFailed where the app keeps
    its database locked.
    """
    try:
        with must_not_lock(), refusing(todos.server):
            return todos.server.post("/todos", {"title": "Refused by the database"})
    except NoTable as missing:
        raise NotApplicable(
            "a SQLite table of todos that could refuse a new one", "none that the lab knows"
        ) from missing
