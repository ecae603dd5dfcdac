"""Todos with a note, which may be null: whether it can be set, changed and taken away."""

from __future__ import annotations

from lab.answers import Todo
from lab.model import CheckFailed
from lab.verify.todos import Todos, seen

NOTE, OTHER = "the blue one", "the green one"


def create_with_note(todos: Todos) -> Todo:
    """Make a todo with a note. Raises CheckFailed where the API does not show it afterwards.

    Raises NotApplicable where nothing of a todo can be changed.
    """
    if todos.server.resource.change is None:
        raise todos.no_way("changes a todo")
    made = todos.create("with a note", note=NOTE)
    must_have(todos, made, {"note": NOTE}, "a POST that has it")
    return made


def must_have(todos: Todos, made: Todo, wanted: Todo, after: str, help: str = "") -> None:
    """Raise CheckFailed where the API shows other values of a todo than these."""
    found = todos.find(made)
    if found is None:
        raise CheckFailed(
            expected=f"the todo is there after {after}",
            actual=seen(todos.server.exchanges[-1]),
            help="It was answered 2xx before. What has become of its row?",
        )
    for name, value in wanted.items():
        if name not in found or found[name] != value:
            raise CheckFailed(
                expected=f"{name} = {value!r} after {after}",
                actual=f"{name} = {found[name]!r}" if name in found else f"no {name} in {found}",
                help=help
                or "A field goes through the schema of what is sent, the model, the table, and the "
                "schema of the answer. Which of them does not know it?",
            )
