"""A process that is killed in the moment in which a write is answered with a 2xx."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lab.model import Exchange
from lab.verify.todos import Todos

Result = TypeVar("Result")


def killed_at_answer(todos: Todos, write: Callable[[], Result]) -> Result:
    """Let the process end with the 2xx that this write is answered with, and start another one."""
    todos.server.end_with_success()
    result = write()
    todos.server.restart(kill=True)
    return result


def is_there(todos: Todos, made: Exchange) -> bool:
    """Whether the API has the todo that a POST has answered for."""
    if told := todos.told(made):
        return bool(todos.present([told]))
    return made.sent["title"] in [todo.get("title") for todo in todos.all()]
