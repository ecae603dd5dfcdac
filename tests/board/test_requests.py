"""What the probe reports, put together for a page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from lab.board.requests import DRAWN, STEPS, Requests

Event = dict[str, Any]
LINE = {"file": "main.py", "line": 3, "function": "list_todos", "text": "db.scalars(...)"}


def begun(number: int, path: str = "/todos") -> Event:
    named = {"request": number, "method": "GET", "path": path, "query": "", "port": 1}
    return {"event": "request", "at": time.perf_counter(), **named}


def of(number: int, event: str, **more: Any) -> Event:
    named = {"request": number, "frame": LINE, "connection": number}
    return {"event": event, "at": time.perf_counter(), **named, **more}


def whole(number: int, text: str = "[]") -> Iterator[Event]:
    yield begun(number)
    yield of(number, "checkout")
    yield of(number, "checkin")
    yield of(number, "response", status=200)
    yield of(number, "answer", endpoint="list_todos", bytes=len(text), text=text)
    yield of(number, "done", crash=None)


def kinds(told: list[Event], kind: str) -> list[Event]:
    return [event for event in told if event["kind"] == kind]


def test_a_request_is_told_once_it_is_over_with_its_steps_and_times() -> None:
    requests = Requests()
    requests.seen(whole(1))
    (request,) = kinds(requests.take(), "request")
    assert (request["method"], request["path"], request["status"]) == ("GET", "/todos", 200)
    assert [step["lane"] for step in request["steps"]] == ["pool", "session", "client", "endpoint"]
    moments = [step["ms"] for step in request["steps"]]
    assert moments == sorted(moments)
    assert request["state"] == "done"
    assert not kinds(requests.take(), "request")


def test_a_request_that_waits_is_told_while_it_waits_and_when_its_process_ends() -> None:
    requests = Requests()
    requests.seen([begun(1)])
    assert kinds(requests.take(), "request")[0]["state"] == "open"
    requests.ended()
    (request,) = kinds(requests.take(), "request")
    assert (request["state"], request["status"]) == ("cut", None)


def test_a_connection_that_is_kept_is_told_with_its_line_and_that_the_request_is_over() -> None:
    requests = Requests()
    pool = {"event": "pool", "at": 0, "request": 1, "pool": "QueuePool", "size": 5, "overflow": 10}
    events = [pool, *(event for event in whole(1) if event["event"] != "checkin")]
    requests.seen(events)
    (told,) = kinds(requests.take(), "pool")
    assert (told["size"], told["overflow"], told["count"]) == (5, 10, 1)
    assert told["out"][0]["where"] == "main.py:3 in list_todos"
    assert told["out"][0]["is_over"]


def test_the_last_answer_is_a_table_of_its_todos_whatever_they_are_called() -> None:
    requests = Requests()
    requests.seen(whole(1, json.dumps([{"id": 7, "text": "<img src=x onerror=alert(1)>"}])))
    (answer,) = kinds(requests.take(), "answer")
    assert answer["table"]["columns"] == ["id", "text"]
    assert answer["table"]["rows"] == [["7", "<img src=x onerror=alert(1)>"]]
    requests.seen(whole(2, '"no todos"'))
    (answer,) = kinds(requests.take(), "answer")
    assert "table" not in answer
    assert answer["text"] == '"no todos"'


def test_beyond_so_many_a_second_requests_are_counted_and_not_kept() -> None:
    requests = Requests()
    drawn: set[str] = set()
    counted = 0
    for number in range(1, 2001):
        requests.seen(whole(number))
        told = requests.take()
        drawn.update(request["id"] for request in kinds(told, "request"))
        counted += sum(event["count"] for event in kinds(told, "thinned"))
    deadline = time.monotonic() + 10
    while len(drawn) + counted < 2000 and time.monotonic() < deadline:
        counted += sum(event["count"] for event in kinds(requests.take(), "thinned"))
    assert len(drawn) + counted == 2000
    assert counted >= 2000 - DRAWN * 10


def test_beside_a_load_of_one_kind_a_request_of_another_is_drawn() -> None:
    requests = Requests()
    events = [event for number in range(1, 301) for event in whole(number)]
    post = {**begun(301), "method": "POST"}
    for event in [*events, post, *list(whole(301))[1:]]:
        requests.seen([{**event, "at": events[0]["at"]}])  # all in one second
    drawn = [request["method"] for request in kinds(requests.take(), "request")]
    assert (drawn.count("GET"), drawn.count("POST")) == (DRAWN, 1)


def test_a_request_with_very_many_steps_is_cut_short() -> None:
    requests = Requests()
    many = [of(1, "sql", sql="SELECT 1", values="", seconds=0.0) for _ in range(1000)]
    requests.seen([begun(1), *many])
    (request,) = kinds(requests.take(), "request")
    assert len(request["steps"]) == STEPS
