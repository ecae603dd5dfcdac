"""Going back, and looking at what has changed."""

from __future__ import annotations

from typing import Annotated

import typer

from lab.cli.shared import (
    Folder,
    MaybeId,
    console,
    located,
    notices,
)


def undo(
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", help="A snapshot; else the last change.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Take back the lab's last change, or go to a snapshot. `undo` takes back an undo, too."""
    from lab.view.safety import show_change

    with located(folder).locked("lab undo") as workspace:
        notices(workspace)
        show_change(console(), workspace.undo(number), "Undone")


def snapshots(folder: Folder = None) -> None:
    """The copies of your workspace that the lab has taken."""
    from lab.view.safety import show_snapshots

    with located(folder).locked("lab snapshots") as workspace:
        notices(workspace)
        show_snapshots(console(), workspace.snapshots.list())


def reset(folder: Folder = None) -> None:
    """Go back to the start. `lab undo` brings back what you had."""
    from lab.view.safety import show_change

    with located(folder).locked("lab reset") as workspace:
        notices(workspace)
        show_change(console(), workspace.reset(), "Reset")


def diff(id: MaybeId = None, folder: Folder = None) -> None:
    """What has changed in your code since the start; with ID, how your way differs from the lab's.

    Where ID has not passed yet, what has changed since before the lab played it.
    """
    from lab import catalogue, comparison
    from lab.view.safety import show_comparison, show_diff

    workspace = located(folder)
    exercise = catalogue.exercise(id).id if id else None
    compared = comparison.compare(workspace, exercise) if exercise else None
    if compared:
        show_comparison(console(), compared)
    else:
        show_diff(console(), workspace.diff(exercise))
