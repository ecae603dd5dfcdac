"""Going back, and looking at what has changed."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from lab.cli.shared import Folder, Json, MaybeId, located, notices, tell


def undo(
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", help="A snapshot; else the last change.")
    ] = None,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Take back the lab's last change, or go to a snapshot. `undo` takes back an undo, too."""
    from lab.view import safety

    with located(folder).locked("lab undo") as workspace:
        notices(workspace, workspace.snapshots.notices())
        change = workspace.undo(number)
    tell(json, safety.change_json, partial(safety.show_change, did="Undone"), change)


def snapshots(folder: Folder = None, json: Json = False) -> None:
    """The copies of your workspace that the lab has taken."""
    from lab.view import safety

    with located(folder).locked("lab snapshots") as workspace:
        notices(workspace, workspace.snapshots.notices())
        taken = workspace.snapshots.list()
    tell(json, safety.snapshots_json, safety.show_snapshots, taken)


def reset(folder: Folder = None, json: Json = False) -> None:
    """Go back to the start. `lab undo` brings back what you had."""
    from lab.view import safety

    with located(folder).locked("lab reset") as workspace:
        notices(workspace, workspace.snapshots.notices())
        change = workspace.reset()
    tell(json, safety.change_json, partial(safety.show_change, did="Reset"), change)


def diff(id: MaybeId = None, folder: Folder = None, json: Json = False) -> None:
    """What has changed in your code since the start; with ID, how your way differs from the lab's.

    Where ID has not passed yet, what has changed since before the lab played it.
    """
    from lab import catalogue, comparison
    from lab.view import safety

    workspace = located(folder)
    exercise = catalogue.exercise(id).id if id else None
    compared = comparison.compare(workspace, exercise) if exercise else None
    if compared:
        tell(json, safety.comparison_json, safety.show_comparison, compared)
    else:
        diff = workspace.diff(exercise)
        tell(json, partial(safety.diff_json, id=exercise), safety.show_diff, diff)
