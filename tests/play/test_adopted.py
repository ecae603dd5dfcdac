"""Plays on an adopted project: the steps ask in its own words, with what it requires."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.course import init
from lab.model import NotPossible
from lab.scenario import events as e
from lab.terminal.exchanges import sent
from tests.support.play import STYLES, Player, of, statuses


@pytest.mark.parametrize(
    "style", ["public_kanban_status", "public_query_params", "public_jwt_json_login"]
)
def test_a_play_makes_todos_as_the_project_takes_them(
    style: str, tmp_path: Path, launcher: Launcher, run: Player
) -> None:
    made = init.adopted(STYLES / style, tmp_path / "mine", None, launcher)
    events = run("persist", made)
    assert statuses(events) and all(200 <= status < 300 for status in statuses(events))
    titles = [t.get("title") for x in of(events, e.Requested)[-1:] for t in x.exchange.json]
    assert titles


def test_an_answer_is_shown_as_the_project_gave_it(
    tmp_path: Path, launcher: Launcher, run: Player
) -> None:
    made = init.adopted(STYLES / "public_kanban_status", tmp_path / "mine", None, launcher)
    asked = of(run("persist", made), e.Requested)[0]
    told = json.loads(asked.exchange.text)
    assert "completed" not in told, "else nothing is translated here"
    shown = "".join(str(getattr(line, "text", line)) for line in sent(asked.exchange, False))
    assert json.dumps(told) in shown
    exchange = e.as_json(asked)["exchange"]
    assert json.loads(json.dumps(exchange)) == exchange


def test_what_the_project_has_no_request_for_is_not_called_broken(
    tmp_path: Path, launcher: Launcher, run: Player
) -> None:
    made = init.adopted(STYLES / "public_completed_at", tmp_path / "mine", None, launcher)
    with pytest.raises(NotPossible, match=r"GET \S+/\{id\}, and your API has no such request"):
        run("break-23", made)
