"""Todos with all that they may have, and not only what the exercises name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.answers import Todo
from lab.model import CheckFailed, Exchange
from lab.verify.todos import Todos

WHOLE = "With all that it may have"


def make_whole(todos: Todos) -> list[Todo]:
    """POST a todo with all that one may have, and return what GET shows of that, which is to stay.

    None where it is refused: the app may have rules that nobody knows. Raises as shown() does.
    """
    sent = todos.offered.optional
    if not sent:
        return []
    return shown(todos, todos.server.post("/todos", {"title": WHOLE, **sent}), sent, {})


def change_whole(todos: Todos) -> list[Todo]:
    """PUT all that one may have into a plain todo, and return what GET shows of that.

    None where it is refused, as for a new one. Raises as shown() does.
    """
    change, optional = todos.server.resource.change, todos.offered.optional
    sent = {name: value for name, value in optional.items() if change and change.carries(name)}
    if not sent:
        return []
    made = todos.create("To have all that it may have")
    before = todos.find(made)
    return shown(todos, todos.put(made, sent), sent, before) if before else []


def shown(todos: Todos, answer: Exchange, sent: Mapping[str, Any], before: Todo) -> list[Todo]:
    """Return the todo in an answer with what GET shows of it as it was sent.

    Raises CheckFailed where the answer has a value that was sent, and GET shows the one from
    before; in a new todo, null.
    """
    told = todos.told(answer) if answer.ok else None
    found = todos.find(told) if told else None
    if not told or not found:
        return []
    for name, value in sent.items() if todos.can_read_one else ():
        is_as_before = name in found and found[name] == before.get(name) != value
        if is_as_before and told.get(name) == value:
            raise CheckFailed(
                expected=f"{name} = {value!r}, as {todos.asked(answer)} has answered",
                actual=f"{name} = {found[name]!r} in {found}{', as before' if before else ''}",
                help="Was the answer read from the row, or made of what was sent? And how does "
                "the value come into the row: has the table a column for it, and does the session "
                "learn that it has changed?",
            )
    same = {name: value for name, value in sent.items() if found.get(name) == value}
    return [{"id": found["id"], **same}]
