"""Requests that are sent at once come in at one instant, however late one of them is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.child import gate
from lab.child.gate import Gate

INSIDE = """\
import asyncio

from fastapi import FastAPI

app = FastAPI()
inside = most = 0


@app.get("/todos")
async def todos():
    global inside, most
    inside += 1
    most = max(most, inside)
    await asyncio.sleep(0)
    inside -= 1
    return []


@app.get("/most")
async def get_most():
    return most
"""


def test_requests_at_once_are_in_the_app_at_once(
    app: Callable[[str], Path], each_launcher: Launcher
) -> None:
    with Server(app(INSIDE), each_launcher, "main:app") as server:
        server.start()
        for clients in (30, 300):
            server.at_once([("GET", "/todos", None)] * clients)
            assert server.get("/most").json == clients


def test_one_that_does_not_come_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate, "LONGEST", 0.01)

    async def two_of_three() -> None:
        door = Gate()
        door.expect(3)
        await asyncio.gather(door.enter(), door.enter())
        await asyncio.wait_for(door.enter(), 1.0)  # it is open, and nobody is expected any more

    asyncio.run(two_of_three())
