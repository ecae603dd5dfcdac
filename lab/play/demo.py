"""Shows a demo, or exercises in their full circle, on a copy that is thrown away."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import scenario as s
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.play.interpreter import Runner
from lab.play.player import Ask, play
from lab.scenario.events import Chapter, Event, Kept, Next
from lab.workspace import workspace
from lab.workspace.creation import DEFAULT


def demonstrate(
    story: s.Demo | tuple[s.Exercise, ...], launcher: Launcher, *, ask: Ask | None = None
) -> Generator[Event]:
    """Show a demo, or exercises one after the other. Raises as play() does."""
    with TemporaryDirectory(prefix="lab-demo-") as temporary:
        folder = Path(temporary) / DEFAULT
        if isinstance(story, s.Demo):
            yield from _show(story, folder, launcher)
            return
        copy = workspace.create(folder)
        for exercise in story:
            yield Chapter(f"{exercise.id}: {exercise.title}")
            for event in play(exercise, copy, launcher, ask=ask, confirm=lambda _: True):
                if not isinstance(event, Kept | Next):
                    yield event


def _show(demo: s.Demo, folder: Path, launcher: Launcher) -> Iterator[Event]:
    yield Chapter(demo.title)
    if demo.app:
        folder.mkdir()
        for name, source in demo.app.items():
            (folder / name).write_text(source, "utf-8")
    else:
        workspace.create(folder)
    with Server(folder, launcher) as server:
        yield from Runner(server, predict=lambda: None, leave=lambda: None).run(demo.steps)
