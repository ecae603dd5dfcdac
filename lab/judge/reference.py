"""The lab's own solutions: what a check must pass on before it may fail a learner."""

from __future__ import annotations

import shutil
from pathlib import Path

from lab import catalogue, kit
from lab.play.alterations import edit, edits_of
from lab.scenario import DeleteDatabase
from lab.server.launchers import Launcher
from lab.server.server import Server
from lab.workspace.workspace import Workspace


def solution(exercise: str, into: Path, launcher: Launcher) -> Workspace:
    """The reference API in a new folder, in the state that passes the checks of an exercise.

    For a break that is the broken state, over a database that the healthy app has made.
    """
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(kit.folder("todos_app"), into / "todos_app", ignore=ignore)
    workspace = Workspace.bare(into, "todos_app.main:app")
    declared = catalogue.load().playable(exercise)
    changes = declared.ways[0].changes if declared.ways else ()
    if declared.kind == "break" and DeleteDatabase() not in changes:
        with Server(into, launcher, workspace.app) as server:
            server.start()
            server.post("/todos", {"title": "made before the break"})
            server.stop()
    if declared.kind == "fix":
        return workspace  # the reference is what nobody has broken
    edits = edits_of(changes)
    if edits:
        edit(into, edits)
    return workspace
