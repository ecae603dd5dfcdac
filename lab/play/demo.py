"""Shows a demo, or exercises in their full circle, on a copy that is thrown away."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from lab import scenario as s
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.play import next_steps
from lab.play.claims import write_app
from lab.play.interpreter import Interpreter
from lab.play.prediction import Ask
from lab.play.session import play
from lab.scenario.events import Chapter, Event, Kept, Listener, Next, Said
from lab.workspace import creation
from lab.workspace.workspace import DEFAULT

FIRST_LOOK = "You have no workspace here, so this is a look on a throw-away copy."


def as_first_look(id: str, listen: Listener) -> Listener:
    """Return a listener for a play on a copy that nobody has: it says so, before and after."""

    def shown(event: Event) -> None:
        match event:
            case Kept():
                return
            case Next():
                listen(next_steps.after_first_look(id))
            case _:
                listen(event)

    listen(Said(FIRST_LOOK))
    return shown


def demonstrate(
    story: s.Demo | tuple[s.Exercise, ...],
    launcher: Launcher,
    listen: Listener,
    ask: Ask | None = None,
) -> None:
    """Show a demo, or exercises one after the other, and end with what they teach.

    `ask` returns the index of what a room predicts, or None. Raises as play() does.
    """

    def shown(event: Event) -> None:
        if not isinstance(event, Kept | Next):  # nobody has this workspace
            listen(event)

    with TemporaryDirectory(prefix="lab-demo-") as temporary:
        folder = Path(temporary) / DEFAULT
        if isinstance(story, s.Demo):
            listen(Chapter(story.title))
            write_app(story.app, folder) if story.app else creation.create(folder)
            with Server(folder, launcher) as server:
                Interpreter(server, listen).run(story.steps)
            return
        copy = creation.create(folder)
        for exercise in story:
            play(exercise, copy, launcher, shown, ask=ask, confirm=lambda _: True)
        listen(Chapter("What this shows"))
        for exercise in story:
            listen(Said(exercise.teaches))
