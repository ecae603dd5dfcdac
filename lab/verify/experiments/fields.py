"""What POST /todos takes, by the app's own OpenAPI document, and what comes back of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from lab.answers import Todo, refused_fields
from lab.appserver.discovery.openapi import inside
from lab.appserver.discovery.values import value_for
from lab.appserver.server import Server
from lab.model import CheckFailed, Exchange
from lab.verify.todos import Todos, require_2xx, seen
from lab.workspace.resource import TODOS

TITLE = "every field"


def values_for_create(server: Server) -> dict[str, Any]:
    """Return a value for each field that a new todo may have, none of them its default.

    A field for which no value can be made up is left out; the title alone where there is no
    document.
    """
    document = server.document()
    schema = document.schema_of_body(document.post(TODOS))
    found: dict[str, Any] = {}
    for name, described in inside(schema, "properties").items():
        value = value_for(document, described, name)
        if value is not None:
            found[name] = value
    return {**found, "title": TITLE}


def empty_values(server: Server) -> dict[str, Any]:
    """Return the same with an empty text, 0 or false for each field but the title."""
    values = values_for_create(server)
    plain = {n: type(v)() for n, v in values.items() if isinstance(v, str | int | float)}
    return {**plain, "title": TITLE}


def create_whole(
    todos: Todos, values: Callable[[Server], dict[str, Any]] = values_for_create
) -> tuple[Exchange, dict[str, Any]]:
    """POST a todo with a value for every field: (the answer, what was sent).

    What the app refuses with a 422, although its document allows it, is left out.
    """
    sent = values(todos.server)
    answer = todos.server.post("/todos", sent)
    if answer.status == 422:
        refused = set(refused_fields(answer.json)) - {"title"}
        sent = {name: value for name, value in sent.items() if name not in refused}
        answer = todos.server.post("/todos", sent)
    return answer, sent


def made_whole(
    todos: Todos, values: Callable[[Server], dict[str, Any]] = values_for_create
) -> tuple[Todo, dict[str, Any]]:
    """Make a todo with a value for every field, and return it and what was sent.

    Raises CheckFailed where it was not made.
    """
    answer, sent = create_whole(todos, values)
    if not answer.ok and sent.keys() > {"title"}:
        fields = ", ".join(name for name in sent if name != "title")
        raise CheckFailed(
            expected=f"POST /todos takes what its schema offers: a title, and {fields}",
            actual=seen(answer),
            help="A field goes through three layers: the schema of what is sent, the model, the "
            "schema of the answer. Which of them does not know it?",
        )
    require_2xx(answer, "creates a todo")
    return todos.told(answer) or todos.by_title(TITLE), sent


def lost(sent: dict[str, Any], todo: Todo) -> list[str]:
    """Return the fields of what was sent whose value the todo does not have."""
    given = {_plain(name): value for name, value in todo.items()}
    return [name for name, value in sent.items() if not _same(value, given.get(_plain(name)))]


def must_have(sent: dict[str, Any], todo: Todo, where: str) -> None:
    """Raise CheckFailed where a field that was sent did not come back."""
    for name in lost(sent, todo):
        has = f"{name} is {todo[name]!r}" if name in todo else f"there is no {name}"
        raise CheckFailed(
            expected=f"{name} {sent[name]!r} in {where}, as it was sent",
            actual=f"{has} in {todo}",
            help="The answer has what its schema names, and the schema takes it from the model. "
            "Look where this field stops."
            if name not in todo
            else "The answer knows the field, and has another value. Was it handed to the model?",
        )


def _same(sent: Any, got: Any) -> bool:
    if isinstance(sent, list) and isinstance(got, list):
        return len(sent) == len(got) and all(map(_same, sent, got))
    if isinstance(sent, dict) and isinstance(got, dict):
        return all(_same(value, got.get(name)) for name, value in sent.items())
    if sent == got or isinstance(sent, bool | list | dict) or got is None:
        return bool(sent == got)
    try:
        moments = [datetime.fromisoformat(str(value)).replace(tzinfo=None) for value in (sent, got)]
        return moments[0] == moments[1]
    except ValueError:
        return str(sent).strip().casefold() == str(got).strip().casefold()


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()
