"""Demos, and what a play looks like on a terminal, in a pipe and as a picture."""

from __future__ import annotations

import io
import json
import subprocess

import pytest

from lab.appserver.launchers import Launcher
from lab.course import catalogue
from lab.model import Exchange
from lab.play.demo import demonstrate
from lab.scenario import events as e
from lab.terminal.console import make_console
from lab.terminal.play import show
from lab.workspace import databases
from lab.workspace.workspace import Workspace
from tests.support.play import Player, of, statuses


def shown(name: str, launcher: Launcher) -> list[e.Event]:
    events: list[e.Event] = []
    demonstrate(catalogue.load().showing(name), launcher, events.append)
    return events


def test_todos_in_a_list_are_lost_and_todos_in_a_database_are_not(launcher: Launcher) -> None:
    lost = shown("memory", launcher)
    assert any(event.text.startswith("0 of the 2") for event in of(lost, e.Said))
    kept = shown("persistence", launcher)
    (burst,) = of(kept, e.KilledInBurst)
    made = 3 + len(burst.exchanges)
    assert any(event.text.startswith(f"{made} of the {made}") for event in of(kept, e.Said))


def test_a_demo_shows_the_full_circle_and_speaks_of_no_workspace(launcher: Launcher) -> None:
    events = shown("break-2", launcher)
    assert not of(events, e.Kept)
    assert statuses(events)[-1] == 201


@pytest.mark.long
def test_everything_is_shown_in_80_columns_in_words_and_without_colour(
    made: Workspace, run: Player
) -> None:
    out = io.StringIO()
    screen = make_console(file=out, width=80)
    for id in ("break-2", "fix-2", "break-3", "fix-3"):
        for event in run(id, made, ask=lambda prediction: 0):
            show(event, screen)
            json.dumps(e.as_json(event), default=str)
    text = out.getvalue()
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    for words in (
        "500 Internal Server Error",
        "no such column: todos.minutes",
        "your line: todos_app/main.py:",
        "+    minutes: Mapped[int]",
        "QueuePool limit of size 5 overflow 10",
        "lab verify fix-2",
        "You said:",
    ):
        assert words in text, words


def test_a_command_that_is_shown_can_be_pasted(made: Workspace, run: Player) -> None:
    out = io.StringIO()
    screen = make_console(file=out, width=80)
    for event in run("alter-2", made):
        show(event, screen)
    lines = out.getvalue().splitlines()
    first = next(n for n, line in enumerate(lines) if "-X POST" in line and "\\" in line)
    assert lines[first].endswith(" \\")
    command = "\n".join(lines[first : first + 2]).replace("$ curl", "printf '%s|'", 1)
    pasted = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert pasted.stdout.split("|")[-2] == '{"title": "Buy milk"}'


def test_each_statement_of_a_request_is_shown_once_with_how_often_it_came(
    made: Workspace, run: Player
) -> None:
    events = of(run("break-25", made), e.StatementsCounted)
    todos = len(databases.rows(made.folder / "todos.db").rows) + 4
    assert [event.count for event in events] == [1, 1, todos - 3 + 1, todos + 1]
    out = io.StringIO()
    show(events[-1], make_console(file=out, width=80))
    assert f"It needed {todos + 1} statements:" in out.getvalue()
    assert "once: SELECT todos.id, ... FROM todos ORDER BY todos.id" in out.getvalue()
    assert f"{todos} times: SELECT tags.id, ... FROM tags WHERE" in out.getvalue()


def test_a_play_can_be_exported_as_a_picture(made: Workspace, run: Player) -> None:
    screen = make_console(file=io.StringIO(), record=True, width=80)
    for event in run("break-2", made):
        show(event, screen)
    assert "no&#160;such" in screen.export_svg(title="lab run break-2")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            e.StartedAtOnce(was_held=True, waited=False, failures=("table is there", "")),
            ["holds it", "second one starts meanwhile. It serves", "does not come up", "table is"],
        ),
        (
            e.StartedAtOnce(was_held=True, waited=True, failures=("", "")),
            ["holds it", "waits for it", "first one goes on. It serves", "second one serves"],
        ),
        (
            e.StartedAtOnce(was_held=False, waited=False, failures=("", "no app")),
            ["cannot hold it", "It serves", "second one does not come up", "no app"],
        ),
    ],
)
def test_two_starts_are_told_in_the_order_in_which_they_came(
    event: e.StartedAtOnce, told: list[str]
) -> None:
    out = io.StringIO()
    show(event, make_console(file=out, width=200))
    places = [out.getvalue().find(words) for words in told]
    assert -1 not in places and places == sorted(places), out.getvalue()


@pytest.mark.parametrize("was_held", [True, False])
def test_a_request_that_is_held_says_before_which_moment(was_held: bool) -> None:
    post = Exchange("POST", "/todos", {"title": "Buy milk"}, "curl", 201, "{}", 0.1)
    get = Exchange("GET", "/todos", None, "curl", 200, "[]", 0.1)
    for moment in ("its first write", "its COMMIT"):
        out = io.StringIO()
        event = e.RequestedBetween(post, get, was_held, waited=False, moment=moment)
        show(event, make_console(file=out, width=200))
        assert f"before {moment}" in out.getvalue()
        assert ("cannot be held" in out.getvalue()) is not was_held
