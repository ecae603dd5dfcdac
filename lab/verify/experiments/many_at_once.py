"""Many clients that send the same request at the same moment."""

from __future__ import annotations

from lab.model import Exchange
from lab.verify.todos import Todos

CLIENTS = 20  # more than a pool has connections


def summaries_at_once(todos: Todos) -> list[Exchange]:
    """Start the app, make a todo, and GET /summary for many clients; their answers.

    Raises AppFailed, CheckFailed.
    """
    todos.server.start()
    todos.create("Made before many ask")
    return todos.server.at_once([("GET", "/summary", None)] * CLIENTS)
