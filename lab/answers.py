"""What a JSON answer of a todo API says: one todo, many todos. No I/O."""

from __future__ import annotations

import json
import re
from typing import Any

Todo = dict[str, Any]
AN_ID = re.compile(r"\d{1,19}$|[0-9a-fA-F-]{32,36}$")  # a number or a UUID
JSON_LEVELS = 100  # of lists and objects in each other; an API of todos has a few


def parsed(text: str) -> Any:
    """Return the JSON in a text; None where it is none, or too deep to be looked into."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return None
    # Whatever looks into it level by level could reach the end of Python's stack.
    return None if _is_deeper(body, JSON_LEVELS) else body


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects lie in each other over more than so many levels."""
    layer = [value]
    for _ in range(levels + 1):
        if not layer:
            return False
        objects = [each.values() for each in layer if isinstance(each, dict)]
        lists = [each for each in layer if isinstance(each, list)]
        layer = [item for items in (*objects, *lists) for item in items]
    return bool(layer)


class Title(str):
    """A title as an API writes it: equal to one with other capitals, or other spaces in it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self._plain == Title(other)._plain

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._plain)

    @property
    def _plain(self) -> str:
        return " ".join(self.split()).casefold()


def read(todo: Todo) -> Todo:
    """Return a todo of an answer in which nothing is literal that a task leaves open."""
    title = todo.get("title")
    return {**todo, "title": Title(title)} if isinstance(title, str) else todo


def one_in(body: Any) -> Todo | None:
    """Return the todo in a JSON answer, alone or wrapped in objects; else None."""
    if not isinstance(body, dict):
        return None
    if "id" in body:
        return _by_text(body)
    inner = [todo for value in body.values() if (todo := one_in(value)) is not None]
    return inner[0] if len(inner) == 1 else None


def many_in(body: Any) -> list[Todo] | None:
    """Return the todos in a JSON answer, a list, alone or wrapped in objects; else None.

    Beside them there may be other lists, of errors, tags or links. An object may hold each of them
    under its id.
    """
    if isinstance(body, dict):
        if keyed := _by_id(body):
            return keyed
        lists = [value for value in body.values() if isinstance(value, list)]
        if not any(any(map(_is_named, each)) for each in lists) and "id" not in body:
            objects = [value for value in body.values() if isinstance(value, dict)]
            deeper = [todos for each in objects if (todos := many_in(each))]
            if len(deeper) == 1 and any(map(_is_named, deeper[0])):
                return deeper[0]
        if not lists:
            told = [value for value in body.values() if value]
            inner = [todos for value in told if (todos := many_in(value)) is not None]
            if not told and "id" not in body and all(value == {} for value in body.values()):
                return []
            return _of_todos(inner)
        body = _of_todos(lists)
    if not isinstance(body, list) or not all(isinstance(todo, dict) for todo in body):
        return None
    return [_by_text(todo) for todo in body]


def _of_todos(lists: list[list[Any]]) -> list[Any] | None:
    """Return the one list that is of todos, which have an id or a title; None where several are."""
    todos = [each for each in lists if any(map(_is_named, each))]
    # Where there is no todo, a list of objects may be of links, and the empty one that of todos.
    others = [each for each in lists if not any(isinstance(item, dict) for item in each)]
    meant = todos or [each for each in others if each] or others[:1] or lists
    return meant[0] if len(meant) == 1 else None


def _is_named(item: Any) -> bool:
    return isinstance(item, dict) and not item.keys().isdisjoint(("id", "title"))


def _by_text(todo: Todo) -> Todo:
    """Return the todo; where its id or title is a list or an object, with that as text.

    No client can put those into a path, or look for them.
    """
    nested = {n: v for n in ("id", "title") if isinstance(v := todo.get(n), list | dict)}
    return {**todo, **{name: json.dumps(value) for name, value in nested.items()}}


def _by_id(body: dict[str, Any]) -> list[Todo]:
    """Return the todos of an object that holds each under its id, with that; else none."""
    todos = []
    for key, todo in body.items():
        if not isinstance(todo, dict) or str(todo.get("id", key)) != key:
            return []
        if "id" not in todo and not AN_ID.match(key):
            return []
        todos.append({"id": int(key) if key.isdecimal() else key, **todo})
    return todos


def todos_in(body: Any) -> list[Todo] | None:
    """Return the todos in a JSON answer, many or one; None where it is of none."""
    many = many_in(body) if body != {} else None
    if many is None and (one := one_in(body)):
        return [one]
    return many


def faults(body: Any) -> list[tuple[str, list[str]]]:
    """Return what FastAPI finds wrong with a request that it refuses: the kind, and the place."""
    detail = body.get("detail") if isinstance(body, dict) else None
    found = detail if isinstance(detail, list) else []
    return [
        (str(each.get("type")), [str(part) for part in each["loc"]])
        for each in found
        if isinstance(each, dict) and isinstance(each.get("loc"), list)
    ]


def refused_fields(body: Any) -> list[str]:
    """Return the fields of a request's body, query or path that FastAPI finds wrong."""
    return [place[1] for _, place in faults(body) if len(place) > 1]


def is_of_title(todo: Todo) -> bool:
    """Whether a todo has an id that is made of its title: buy-milk-2f for "Buy milk"."""
    id, title = todo.get("id"), todo.get("title")
    words = title.casefold().split() if isinstance(title, str) else []
    return isinstance(id, str) and bool(words) and all(word in id.casefold() for word in words)


def is_completed(todo: Todo) -> bool:
    """Whether a todo says that it is completed; one that does not say so is not.

    SQLite has 1 for true, and where no schema is in between an answer has it, too.
    """
    return todo.get("completed", False) in (True,)
