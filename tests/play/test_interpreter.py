"""Single steps, done on a real server."""

from __future__ import annotations

import pytest

from lab import scenario as s
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.play.interpreter import Interpreter
from lab.scenario import events as e
from lab.workspace.workspace import Workspace


@pytest.mark.parametrize(("title", "status"), [("Buy milk", 201), ("", 422)])
def test_a_server_is_killed_at_its_answer_or_after_it_where_that_is_no_2xx(
    made: Workspace, launcher: Launcher, title: str, status: int
) -> None:
    told: list[e.Event] = []
    with Server(made.folder, launcher, made.app) as server:
        Interpreter(server, told.append).run([s.Start(), s.KillAtAnswer(s.post(title))])
        assert not server.running
    *_, requested, stopped = told
    assert isinstance(requested, e.Requested)
    assert requested.exchange.status == status
    assert stopped == e.Stopped(killed=True)
