"""Going back, and looking at what has changed."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from lab.cli.options import Folder, Json, MaybeId, located, notices, tell


def undo(
    number: Annotated[
        int | None, typer.Argument(metavar="NUMBER", help="A snapshot; else the last change.")
    ] = None,
    folder: Folder = None,
    json: Json = False,
) -> None:
    """Take back the lab's last change, or go to a snapshot. `undo` takes back an undo, too."""
    from lab.terminal import history

    with located(folder).locked("lab undo", changes=True) as workspace:
        notices(workspace, workspace.snapshots.notices())
        change = workspace.undo(number)
    tell(json, history.change_json, partial(history.show_change, did="Undone"), change)


def snapshots(folder: Folder = None, json: Json = False) -> None:
    """List the copies of your workspace that the lab has taken."""
    from lab.terminal import history

    with located(folder).locked("lab snapshots") as workspace:
        notices(workspace, workspace.snapshots.notices())
        taken = workspace.snapshots.list()
    tell(json, history.snapshots_json, history.show_snapshots, taken)


def reset(folder: Folder = None, json: Json = False) -> None:
    """Go back to the start. `lab undo` brings back what you had."""
    from lab.terminal import history

    with located(folder).locked("lab reset", changes=True) as workspace:
        notices(workspace, workspace.snapshots.notices())
        change = workspace.reset()
    tell(json, history.change_json, partial(history.show_change, did="Reset"), change)


def diff(id: MaybeId = None, folder: Folder = None, json: Json = False) -> None:
    """Show what has changed in your code since the start.

    With ID, your way beside the lab's; where ID has not passed yet, what has changed since
    before the lab played it.
    """
    from lab.course import catalogue, comparison
    from lab.terminal import history

    workspace = located(folder)
    exercise = catalogue.exercise(id).id if id else None
    compared = comparison.compare(workspace, exercise) if exercise else None
    if compared:
        tell(json, history.comparison_json, history.show_comparison, compared)
    else:
        diff = workspace.diff(exercise)
        tell(json, partial(history.diff_json, id=exercise), history.show_diff, diff)
