"""Many clients that send the same request at the same moment."""

from __future__ import annotations

from lab.model import Crash, Exchange
from lab.verify.todos import Todos

CLIENTS = 20  # more than a pool has connections


def get_at_once(todos: Todos, path: str) -> tuple[list[Exchange], Crash | None]:
    """Start the app, make a todo, and GET `path` for many clients; their answers.

    With the error that ended the first of them that failed. Raises AppFailed, CheckFailed.
    """
    todos.server.start()
    todos.create("made before many ask")
    since = len(todos.server.events)
    answers = todos.server.at_once([("GET", path, None)] * CLIENTS)
    failed = any(answer.status >= 500 for answer in answers)
    return answers, todos.server.first_crash(since) if failed else None
