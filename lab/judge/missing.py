"""Requests for a todo that does not exist."""

from __future__ import annotations

from uuid import uuid4

from lab.judge.todos import Todos
from lab.model import Exchange

BODY = {"title": "by the check", "completed": False}


def answers(todos: Todos) -> list[Exchange]:
    """What GET, PUT and DELETE of a todo answer whose id is of the right kind, and nobody's."""
    made = todos.create("the only one")
    id = made["id"] + 1_000_000 if isinstance(made["id"], int) else uuid4()
    path = f"/todos/{id}"
    send = todos.server.request
    return [send("GET", path), send("PUT", path, BODY), send("DELETE", path)]
