"""The lab's own solutions: what a check must pass on before it may fail a learner."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from lab import resources
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.course import catalogue
from lab.dbserver.url import DatabaseURL
from lab.model import AlreadyThere, EditNotApplicable
from lab.play.alterations import edit
from lab.play.on_dbserver import move
from lab.scenario import DeleteDatabase
from lab.workspace.workspace import Workspace


def solution(exercise: str, into: Path, launcher: Launcher) -> Workspace:
    """Make the reference API in a new folder, in the state that passes the checks of an exercise.

    For a break that is the broken state, over a database that the healthy app has made.
    """
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(resources.folder("todos_app"), into / "todos_app", ignore=ignore)
    workspace = Workspace.read_only(into, resources.APP)
    declared = catalogue.load().playable(exercise)
    steps = declared.variants[0].steps if declared.variants else ()
    if declared.kind == "break" and DeleteDatabase() not in steps:
        _make_todo(workspace, launcher)
    # The reference is what nobody has broken, so that most fixes have nothing to do.
    unneeded = EditNotApplicable if declared.kind == "fix" else AlreadyThere
    earlier = [catalogue.load().playable(id) for id in declared.includes]
    if declared.kind == "fix":
        broken = catalogue.load().playable(f"break-{declared.number}")
        earlier += [broken] if catalogue.adds(broken) else []
    variants = (*(each.variant(None) for each in earlier), declared.start, declared.variant(None))
    for variant in filter(None, variants):
        if variant.edits:
            with suppress(unneeded):
                edit(into, variant.edits)
    if declared.moves:
        _make_todo(workspace, launcher)
    return workspace


def _make_todo(workspace: Workspace, launcher: Launcher) -> None:
    with Server(workspace.folder, launcher, workspace.app) as server:
        server.start()
        server.post("/todos", {"title": "Made before the change"})
        server.stop()


def fill_own_database(
    exercise: str, workspace: Workspace, launcher: Launcher, url: DatabaseURL
) -> None:
    """Bring the todos of a solution into its database, where the exercise is about moving them."""
    if catalogue.load().playable(exercise).moves:
        move(workspace, launcher, url)
