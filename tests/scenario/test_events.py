"""Steps and events: each has its place in the lists that others rely on."""

from __future__ import annotations

from typing import get_args

from lab.scenario import events, steps


def test_every_event_has_a_json_name_of_its_own() -> None:
    assert set(events.JSON_NAMES) == set(get_args(events.Event))
    assert len(set(events.JSON_NAMES.values())) == len(events.JSON_NAMES)


def test_an_event_is_named_in_json_beside_what_it_tells() -> None:
    told = events.as_json(events.DatabaseDeleted(("todos.db",), running=True))
    assert told == {"event": "deleted", "files": ("todos.db",), "running": True}


def test_a_request_is_refused_by_the_database_only_where_it_says_so() -> None:
    request = steps.post("Buy milk")
    assert not request.refused
    assert steps.refused(request).refused
    assert str(steps.refused(request)) == "POST /todos"
