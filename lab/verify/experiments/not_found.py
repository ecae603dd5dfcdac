"""Requests for a todo that does not exist."""

from __future__ import annotations

from uuid import uuid4

from lab.answers import Todo
from lab.model import Exchange
from lab.verify.todos import Todos

BODY = {"title": "by the check", "completed": False}
UNFIT = {"title": [], "completed": "perhaps"}  # a body that no schema of a todo takes


def path_of_none(made: Todo) -> str:
    """Return the path of a todo that does not exist, with an id of the app's own kind."""
    return f"/todos/{made['id'] + 1_000_000 if isinstance(made['id'], int) else uuid4()}"


def answers(todos: Todos, *methods: str) -> list[Exchange]:
    """Return what these methods answer for a todo whose id is of the right kind, and nobody's."""
    path = path_of_none(todos.create("the only one"))
    return [todos.server.request(m, path, BODY if m == "PUT" else None) for m in methods]
