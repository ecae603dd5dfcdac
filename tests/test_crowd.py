"""The reference API, asked by many more clients at one instant than it has connections."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.dbserver.url import DatabaseURL
from lab.workspace.operations import Request
from tests.support.codemods import STYLES

READ: Request = ("GET", "/todos", None)
WRITE: Request = ("POST", "/todos", {"title": "one of many"})
CHANGE: Request = ("PUT", "/todos/1", {"completed": True})
CROWDS = {
    "reads": ([READ], {200: 400}),
    "writes": ([WRITE], {201: 400}),
    "mix": ([READ, WRITE, CHANGE, READ], {200: 300, 201: 100}),
}
crowds = pytest.mark.parametrize("kind", CROWDS)


def statuses(server: Server, kind: str, times: int) -> dict[int, int]:
    """How often each status came when so many clients asked at one instant."""
    with server:
        server.start()
        assert server.post("/todos", {"title": "there before"}).status == 201
        requests = itertools.islice(itertools.cycle(CROWDS[kind][0]), times)
        return Counter(answer.status for answer in server.at_once(list(requests)))


def test_more_clients_than_threads_are_all_answered(reference: Path, launcher: Launcher) -> None:
    assert statuses(Server(reference, launcher), "mix", 60) == {200: 45, 201: 15}


@pytest.mark.long
@crowds
def test_400_clients_at_one_instant_are_all_answered(
    reference: Path, launcher: Launcher, kind: str
) -> None:
    assert statuses(Server(reference, launcher), kind, 400) == CROWDS[kind][1]


@pytest.mark.long
@crowds
def test_400_clients_of_an_async_app_are_all_answered(
    tmp_path: Path, launcher: Launcher, kind: str
) -> None:
    folder = shutil.copytree(STYLES / "async_", tmp_path / "async")
    assert statuses(Server(folder, launcher), kind, 400) == CROWDS[kind][1]


@pytest.mark.long
@crowds
def test_400_clients_are_all_answered_from_a_database_server(
    reference: Path, launcher: Launcher, own: DatabaseURL, kind: str
) -> None:
    server = Server(reference, launcher, database_url=own)
    assert statuses(server, kind, 400) == CROWDS[kind][1]
