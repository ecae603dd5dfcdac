"""Steps and events: each has its place in the lists that others rely on."""

from __future__ import annotations

from lab.scenario import events, steps


def test_every_event_has_a_json_name_of_its_own() -> None:
    names = [kind.json_name for kind in events.Event.__subclasses__()]
    assert len(set(names)) == len(names)


def test_an_event_is_named_in_json_beside_what_it_tells() -> None:
    told = events.as_json(events.DatabaseDeleted(("todos.db",), running=True))
    assert told == {"event": "deleted", "files": ("todos.db",), "running": True}


def test_a_request_is_refused_by_the_database_only_where_it_says_so() -> None:
    request = steps.post("Buy milk")
    assert not request.refused
    assert steps.refused(request).refused
    assert str(steps.refused(request)) == "POST /todos"
