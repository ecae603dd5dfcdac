"""A request of a kind that was never answered is waited for less; no other one is."""

from __future__ import annotations

from lab.appserver.timeouts import AGAIN_SECONDS, ANSWER_SECONDS, Timeouts


def test_what_was_not_answered_once_is_waited_for_less_whichever_todo_it_is_about() -> None:
    timeouts = Timeouts()
    assert timeouts.seconds("DELETE", "/todos/1") == ANSWER_SECONDS
    timeouts.shorten("DELETE", "/todos/1")
    assert timeouts.seconds("DELETE", "/todos/27?soft=1") == AGAIN_SECONDS
    assert timeouts.seconds("DELETE", "/todos/0b5c-9f") == AGAIN_SECONDS


def test_what_is_of_another_kind_is_waited_for_as_ever() -> None:
    timeouts = Timeouts()
    timeouts.shorten("GET", "/todos/1")
    for method, path in [("PUT", "/todos/1"), ("GET", "/todos"), ("GET", "/todos/count")]:
        assert timeouts.seconds(method, path) == ANSWER_SECONDS
