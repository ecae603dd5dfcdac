"""Starts and kills in a row: nothing is left of the servers that were, however many there were."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from lab.appserver.launchers import ForkLauncher
from lab.appserver.server import Server

App = Callable[[str], Path]

HELLO = """
from fastapi import FastAPI
app = FastAPI()
"""


def starts_and_kills(app: App, times: int, look_at: tuple[int, int]) -> dict[int, float]:
    """Start and kill a server so often; fails where anything is left. Memory in MB at two times.

    That is the memory that belongs to the parent of the servers alone.
    """
    folder = app(HELLO)
    here = psutil.Process()
    memory: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", temporary)
        others = here.children()
        launcher = ForkLauncher()
        (parent,) = (child for child in here.children() if child not in others)
        server = Server(folder, launcher)
        known: dict[str, object] = {}
        try:
            for number in range(1, times + 1):
                server.start()
                server.kill()
                if number == 1:
                    known = held(here, parent)
                if number in look_at:
                    memory[number] = parent.memory_full_info().uss / 1e6
            assert held(here, parent) == known
            assert not list(Path(temporary).iterdir())
        finally:
            server.kill()
            launcher.close()
    assert not parent.is_running()
    assert folder.parent.exists()
    return memory


def held(here: psutil.Process, parent: psutil.Process) -> dict[str, object]:
    """What two processes hold, once what is on its way out has gone, or after 5 s."""
    deadline = time.monotonic() + 5
    while is_busy(parent) and time.monotonic() < deadline:
        time.sleep(0.01)
    return {
        "children of the parent": [child.pid for child in parent.children(recursive=True)],
        "children of the lab": sorted(child.pid for child in here.children()),
        "descriptors of the parent": parent.num_fds(),
        "descriptors of the lab": here.num_fds(),
        "sockets of the parent": len(parent.net_connections()),
        "sockets of the lab": len(here.net_connections()),
        "threads of the parent": parent.num_threads(),
        "threads of the lab": here.num_threads(),
    }


def is_busy(parent: psutil.Process) -> bool:
    """Whether it has servers, or looks for what they have left: by a file that it opens."""
    return bool(parent.children(recursive=True)) or parent.status() != psutil.STATUS_SLEEPING


def test_60_starts_and_kills_leave_nothing(app: App) -> None:
    starts_and_kills(app, 60, look_at=(10, 60))


@pytest.mark.long
def test_2000_starts_and_kills_leave_nothing_and_the_memory_is_flat(app: App) -> None:
    began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory = starts_and_kills(app, 2000, look_at=(200, 2000))
    assert memory[2000] - memory[200] < 1.0, memory
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began) / 1024
    assert grown < 16, f"the lab's own process has grown by {grown:.0f} MB"
