"""Two clients change one todo at the same time, and what is left of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.answers import Todo
from lab.model import CheckFailed, Exchange, NotApplicable
from lab.verify.todos import Todos, missing
from lab.workspace.operations import Request

CHANGES = {"completed": True, "title": "renamed by another client"}


@dataclass(frozen=True)
class AtOnce:
    """Two changes of one todo, each of one field."""

    answers: Mapping[str, Exchange]  # by the field
    left: Mapping[str, bool]  # by the field: whether the todo has the change in the end

    @property
    def lost(self) -> str | None:
        """The field whose change was answered 2xx, and is gone; None where there is none."""
        return next((n for n, answer in self.answers.items() if answer.ok > self.left[n]), None)

    def __str__(self) -> str:
        return "; ".join(
            f"the change of its {name} was answered {answer.status} and is "
            f"{'there' if self.left[name] else 'not there'}"
            for name, answer in self.answers.items()
        )


def change_at_once(todos: Todos, held: str) -> AtOnce:
    """Change both fields of a new todo, that of `held` while the request waits before its write.

    Raises CheckFailed where the changes are not kept one after the other, NotApplicable where no
    request changes one field alone, or none can be held.
    """
    made = todos.create("changed by one client, then by another one")
    asked: set[str] = set()  # what else a PUT has to have, such as a version
    for name in CHANGES:
        asked |= missing(todos.server.request(*_change(todos, made, name, asked)))
        if asked & CHANGES.keys():
            raise NotApplicable(
                "a PUT that takes one field of a todo alone",
                f"one that asks for {' and '.join(sorted(asked))}",
            )
        answer = todos.server.request(*_change(todos, made, name, asked))
        todos.require_2xx(answer, f"changes the {name}")
    if not all(_left(todos, made).values()):
        raise CheckFailed(
            expected=f"a todo with both changes, made one after the other: {CHANGES}",
            actual=f"it is {todos.find(made)}",
            help="Each PUT names one field. What becomes of the one that it does not name?",
        )
    raced = todos.create("changed by two clients at once")
    other = next(name for name in CHANGES if name != held)
    found = todos.server.interleave(
        _change(todos, raced, held, asked), "write", _change(todos, raced, other, asked)
    )
    if not (found.stood and found.can_wait):
        raise NotApplicable(
            "a PUT that can be held before it writes",
            "one that SQLAlchemy does not write for"
            if not found.stood
            else "one that keeps the event loop, so that no other request comes in between",
        )
    return AtOnce({held: found.held, other: found.other}, _left(todos, raced))


def _change(todos: Todos, made: Todo, name: str, asked: set[str]) -> Request:
    """Return the PUT of one field; what else is asked for is sent as it is."""
    change = {name: CHANGES[name]}
    if not todos.can_update(**change):
        raise todos.no_way(f"changes the {name}")
    now = (todos.find(made) or {}) if asked else {}
    return "PUT", f"/todos/{made['id']}", {**{n: now[n] for n in asked & now.keys()}, **change}


def _left(todos: Todos, made: Todo) -> dict[str, bool]:
    now = todos.find(made) or {}
    return {name: now.get(name) == value for name, value in CHANGES.items()}
