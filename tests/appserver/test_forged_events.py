"""An app can write to the lab's connection itself: that ends the app, and never who reads it."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from lab.appserver.failures import refused
from lab.appserver.probe_events import Events

CRASH = {"kind": "ValueError", "message": "", "frame": None}


def event(name: str, **data: Any) -> dict[str, Any]:
    return {"event": name, "at": 0.5, **data}


def line(*events: Any) -> bytes:
    return json.dumps(events).encode() + b"\n"


def database(path: str) -> dict[str, Any]:
    return event("database", path=path, inside=True, frame=None)


@pytest.mark.parametrize(
    "sent",
    [
        b"no JSON\n",
        b"7\n",
        b"[" * 100_000 + b"]" * 100_000 + b"\n",
        b'[{"event": "x", "at": ' + b"9" * 10_000 + b"}]\n",
        line(1, 2),
        line({}),
        line({"event": "flush"}),
        line(event("checkout")),
        line(event("sql", request=1, frame=None)),
        line(event("done", request=[], port=1, crash=None)),
        line(event("crash", crash={"kind": 5})),
        line(event("crash", crash=CRASH | {"frame": {"file": "main.py"}})),
        line(event("serving", app={"x": 1}, documents=7, docs=[])),
        line(event("serving", app="main:app", documents=[["", 1]], docs=None)),
        line(event("models", models=[{"name": "Todo"}])),
        line(database("/etc/passwd")),
        line(database("../other/todos.db")),
        line(database("todos.db\0")),
        line(database("\ud800.db")),
        line(database("x" * 300)),
        line(database("x/" * 3000)),
    ],
    ids=str,
)
def test_what_no_probe_sends_ends_the_app_that_sent_it(sent: bytes) -> None:
    ours, theirs = socket.socketpair()
    events = Events(ours)
    theirs.sendall(sent)
    assert events.wait_closed(5) and events.forged
    assert len(events) == 0
    assert theirs.recv(1) == b""  # which ends the process
    failure = refused(events)
    assert failure and "never sends" in failure.message
    theirs.close()
    events.close()


def test_what_a_probe_sends_is_taken_and_a_line_that_a_kill_has_cut_is_no_forgery() -> None:
    ours, theirs = socket.socketpair()
    events = Events(ours)
    known = [
        event("crash", during="import", crash=CRASH),
        database("data/todos.db"),
        event("of a later version", anything=[1]),
    ]
    theirs.sendall(line(*known) + b'[{"event": "do')
    theirs.close()
    assert events.wait_closed(5)
    assert events.all() == known and refused(events) is None
    events.close()
