"""An app may write its OpenAPI document itself: whatever is in it, who reads it goes on."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field

from lab.appserver.discovery.login import login_in
from lab.appserver.discovery.offers import offers_in
from lab.appserver.discovery.openapi import Document
from lab.appserver.discovery.parents import parents_above
from lab.appserver.discovery.todo_list import nested_bodies, pages_in, parent_in, read, unasked
from lab.appserver.discovery.values import value_for
from lab.workspace.resource import Resource

long = partial(pytest.param, marks=pytest.mark.long)
JUNK: list[Any] = [
    None, True, 5, -1e400, float("nan"), "", "x", "\ud800", [], [None], ["a", 5], [{}], [[]],
    {}, {"a": 5}, {"$ref": "#/components/schemas/New"}, {"$ref": 7}, {"anyOf": "abc"},
]  # fmt: skip


class New(BaseModel):
    title: str = Field(min_length=3, pattern="e")
    state: str = "open"
    inside: list[New] = Field(min_length=1)
    due: float = Field(ge=1, le=9)


class Todo(New):
    id: int


def document() -> dict[str, Any]:
    """The document of an app with all that is read of one."""
    app = FastAPI()

    @app.get("/todos", response_model=list[Todo])
    def listed(limit: int, q: str | None = None) -> Any: ...

    @app.post("/todos", response_model=Todo)
    def make(todo: New) -> Any: ...

    @app.patch("/todos/{id}")
    def change(id: int, todo: New | None, complete: bool = True) -> Any: ...

    @app.post("/lists")
    def make_list(title: str, of: Todo) -> Any: ...

    @app.get("/lists/{list_id}/todos", response_model=list[Todo])
    def in_list(list_id: int) -> Any: ...

    @app.post("/lists/{list_id}/todos")
    def make_in_list(list_id: int, todo: Todo) -> Any: ...

    @app.post("/login")
    def login(username: str, password: str) -> Any: ...

    found: dict[str, Any] = app.openapi()
    flow = {"type": "oauth2", "flows": {"password": {"tokenUrl": "login"}}}
    found["components"]["securitySchemes"] = {"user": flow}
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there is anything in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inner:
        yield (*path, key)
        if isinstance(item, dict | list):
            yield from places(item, (*path, key))


def look(content: dict[str, Any]) -> tuple[Any, Any, Any]:
    """All that is asked of a document."""
    documents = [Document(content)]
    own = Document(content, resource=Resource.at())
    own.request_fields(own.post("/todos")), own.response_fields(own.post("/todos"))
    asked = (unasked(documents, "/todos"), nested_bodies(documents, "/todos"), pages_in(documents))
    list(parents_above(offers_in(documents))), parent_in(documents, None)
    return read(documents), login_in(documents), asked


def test_what_is_read_of_a_sound_one_is_all_of_it() -> None:
    found, login, _ = look(document())
    assert found.resource.title == "title" and login is not None
    assert list(found.resource.required) == ["due", "inside"]


def test_what_todos_are_below_is_made_of_what_it_must_have() -> None:
    (parent,) = parents_above(offers_in([Document(document())]))
    method, path, _ = parent.create
    assert (method, path.partition("?")[0], parent.one) == ("POST", "/lists", "/lists/{list_id}")
    assert parent_in([Document(document())], "/lists/{list_id}/todos") == parent
    assert parent_in([Document(document())], None) is None  # there is a list of all of them


@pytest.mark.parametrize(
    "junk",
    [each if number % 4 == 0 else long(each) for number, each in enumerate(JUNK)],
    ids=ascii,
)
def test_anything_may_stand_anywhere(junk: Any) -> None:
    sound = document()
    for path in places(sound):
        content = copy.deepcopy(sound)
        inside: Any = content
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = junk
        try:
            look(content)
        except Exception as error:
            raise AssertionError(f"{json.dumps(junk)} at {path}") from error


TEXTS = {"type": "string", "minLength": 10_000}
FOLDED = {"type": "array", "minItems": 10}
IN_ITSELF = {"type": "object", "properties": {f"f{n}": {"$ref": "#/wide"} for n in range(60)}}
ENDLESS: list[dict[str, Any]] = [
    {"$ref": "#/wide"},
    {**FOLDED, "items": {**FOLDED, "items": {**FOLDED, "items": {**FOLDED, "items": TEXTS}}}},
    {"type": "integer", "minimum": 10**400},
    {"type": "number", "exclusiveMaximum": -(10**400)},
]


@pytest.mark.parametrize("schema", ENDLESS, ids=["wide", "folded", "large", "small"])
def test_a_value_has_an_end_where_its_description_has_none(schema: dict[str, Any]) -> None:
    value = value_for(Document({"wide": IN_ITSELF}), schema, "of")
    assert len(json.dumps(value)) < 200_000


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("pattern", ["[", "a{99999999999}", "(" * 5_000 + ")" * 5_000, "^[[a-z]"])
def test_a_pattern_of_another_dialect_stops_nobody_and_prints_nothing(pattern: str) -> None:
    assert value_for(Document(), {"type": "string", "pattern": pattern}, "label")


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("^[[:alnum:] ]+$", "label of the check"),
        ("^(?=.*-)[A-Z0-9-]+$", "LAB-123"),
        (
            r"^(\w+-?)+#$",
            None,
        ),  # of a uuid, which is tried as well, Python tries each way to part it
        (r"^(?=.)(\w+\W?)+#$", None),  # and only Python knows what this says
    ],
)
def test_a_value_fits_its_pattern_as_the_framework_reads_it(
    pattern: str, value: str | None
) -> None:
    assert value_for(Document(), {"type": "string", "pattern": pattern}, "label") == value
