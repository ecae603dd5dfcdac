"""The todos in an answer, however it is wrapped, and what a refusal asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.answers import many_in, one_in
from lab.model import Exchange
from lab.verify.todos import missing

TODO = {"id": 1, "title": "x"}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ([TODO], [TODO]),
        ({"items": [TODO], "total": 1}, [TODO]),
        ({"data": [TODO], "errors": []}, [TODO]),
        ({"1": {"title": "x", "tags": []}}, [{**TODO, "tags": []}]),
        ({"todos": {"1": TODO}, "meta": {}}, [TODO]),
        ({}, []),
        ({"2": TODO}, None),
        ({"data": [], "errors": []}, []),
        ({"status": "success", "data": {"todos": [TODO]}}, [TODO]),
        ({"data": [TODO], "users": [{"id": 7}]}, None),
        ({"data": {"todos": [TODO]}, "more": {"users": [{"id": 7}]}}, None),
        ({"data": [TODO], "links": [{"rel": "self", "href": "/todos"}], "tags": ["x"]}, [TODO]),
        ({"data": [], "links": [{"rel": "self", "href": "/todos"}]}, []),
        ({"_links": {"curies": [{"name": "x"}]}, "_embedded": {"todos": [TODO]}}, [TODO]),
        ({"data": {"items": [TODO], "meta": {"total": 1}}, "errors": []}, [TODO]),
        ({"data": {"items": []}, "errors": []}, []),
        ({"data": ["x"]}, None),
        ({"data": {}}, []),
        ("x", None),
    ],
)
def test_a_list_of_todos_is_found_where_it_is_the_only_one(body: Any, found: Any) -> None:
    assert many_in(body) == found


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (TODO, TODO),
        ({**TODO, "owner": {"id": 7}}, {**TODO, "owner": {"id": 7}}),
        ({"data": {"todo": TODO}}, TODO),
        ({"todo": TODO, "owner": {"id": 7}}, None),
        ({"message": "created"}, None),
        ([TODO], None),
    ],
)
def test_a_todo_is_found_where_it_is_the_only_one(body: Any, found: Any) -> None:
    assert one_in(body) == found


@pytest.mark.parametrize("value", [[1], {"$oid": "6a"}, {}])
def test_an_id_or_a_title_that_is_no_value_is_one_to_whoever_compares_it(value: Any) -> None:
    todo = {"id": value, "title": value, "tags": value}
    for found in (one_in(todo), *(many_in([todo]) or [])):
        assert found == {"id": json.dumps(value), "title": json.dumps(value), "tags": value}


@pytest.mark.parametrize(
    ("status", "body", "fields"),
    [
        (422, {"detail": [{"type": "missing", "loc": ["body", "version"]}]}, {"version"}),
        (422, {"detail": [{"type": "missing", "loc": ["query", "version"]}]}, set()),
        (422, {"detail": [{"type": "missing", "loc": ["body", "a", "b"]}]}, set()),
        (422, {"detail": [{"type": "missing", "loc": ["body", "todo", "b"]}]}, {"b"}),
        (
            422,
            {
                "detail": [
                    {"type": "missing", "loc": ["body", "version"]},
                    {"type": "int_parsing", "loc": ["path", "id"]},
                ]
            },
            set(),
        ),
        (422, {"detail": "no version"}, set()),
        (422, {"detail": ["no version"]}, set()),
        (200, {"detail": [{"type": "missing", "loc": ["body", "version"]}]}, set()),
    ],
)
def test_what_a_put_lacks_is_known_where_nothing_else_is_wrong(
    status: int, body: Any, fields: set[str]
) -> None:
    answer = Exchange("PUT", "/todos/1", {}, "curl", status, json.dumps(body), 0.0, "", None)
    assert missing(answer, "todo" if "todo" in json.dumps(body) else None) == fields
