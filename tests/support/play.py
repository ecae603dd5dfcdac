"""What the tests of plays share: questions to the events, and to the workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from lab.appserver.launchers import Launcher
from lab.course import init
from lab.play.session import play
from lab.scenario import Exercise
from lab.scenario import events as e
from lab.workspace import databases
from lab.workspace.workspace import Workspace

STYLES = Path(__file__).parents[1] / "corpus" / "styles"
FIRST = len(init.FIRST_TODOS)
Found = TypeVar("Found")
Player = Callable[..., list[e.Event]]


def played(exercise: Exercise, made: Workspace, launcher: Launcher, **given: Any) -> list[e.Event]:
    """Play an exercise to its end, and return what was told."""
    events: list[e.Event] = []
    play(exercise, made, launcher, events.append, **given)
    return events


def of(events: list[e.Event], kind: type[Found]) -> list[Found]:
    return [event for event in events if isinstance(event, kind)]


def statuses(events: list[e.Event]) -> list[int]:
    return [event.exchange.status for event in of(events, e.Requested)]


def titles(made: Workspace) -> list[str]:
    rows = databases.rows(made.folder / "todos.db")
    return [row[rows.columns.index("title")] for row in rows.rows]


def picture(made: Workspace) -> dict[str, bytes]:
    return {
        path.relative_to(made.folder).as_posix(): path.read_bytes()
        for path in made.folder.rglob("*")
        if path.is_file() and ".lab" not in path.parts
    }


def spoil(made: Workspace, old: str, new: str) -> None:
    """Put a mistake into the learner's main.py."""
    main = made.folder / "todos_app" / "main.py"
    source = main.read_text("utf-8")
    assert old in source
    main.write_text(source.replace(old, new), "utf-8")
