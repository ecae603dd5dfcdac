"""Somebody reads while another program holds the write lock of the database."""

from __future__ import annotations

from lab.appserver.locked import locked
from lab.model import Exchange, NotApplicable
from lab.verify.database_use import must_not_lock
from lab.verify.todos import Todos


def read_while_locked(todos: Todos, path: str) -> Exchange:
    """GET `path` while another program holds the write lock, and return the answer.

    Raises NotApplicable where no file can be locked, CheckFailed where the app keeps it locked, and
    NoAnswer where it waits longer than the lab does.
    """
    todos.server.settle()
    files = [file for file in todos.server.databases() if file.exists()]
    if not files:
        raise NotApplicable("a database file that another program can lock", "none")
    with must_not_lock(), locked(files):
        return todos.server.get(path)
