"""What is printed about going back: snapshots, undo, reset, and differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from lab.terminal.lines import columns, diff_style
from lab.workspace.journal import local_time
from lab.workspace.snapshots import Change, Snapshot

if TYPE_CHECKING:  # it brings the player along, which the other commands do not need
    from lab.course.comparison import Comparison


def show_change(console: Console, change: Change, did: str) -> None:
    """Print what went back, and how to come forward again."""
    if not change.changed:
        console.print("Nothing has changed since then, so nothing was done.")
        return
    many = len(change.changed)
    console.print(f"{did}: {many} {'file is' if many == 1 else 'files are'} as before.")
    for path in change.changed:
        console.print(f"  {path}{' is removed' if path in change.removed else ''}")
    if change.saved:
        console.print(
            f"What you had is kept as snapshot {change.saved.id}: `lab undo` brings it back."
        )


def change_json(change: Change) -> dict[str, Any]:
    """Return what went back, as the document of `lab undo --json` and `lab reset --json`.

    `snapshot` is the number of the one that has what was there before, `to` of the one gone to.
    """
    return {
        "changed": list(change.changed),
        "removed": list(change.removed),
        "snapshot": change.saved.id if change.saved else None,
        "to": change.to.id if change.to else None,
    }


def show_snapshots(console: Console, snapshots: Sequence[Snapshot]) -> None:
    """Print the snapshots, oldest first."""
    table = columns("number", "taken", "why")
    for snapshot in snapshots:
        table.add_row(str(snapshot.id), local_time(snapshot.taken_at), snapshot.reason)
    console.print(table)
    console.print("`lab undo NUMBER` goes to one of them.", style="dim")


def snapshots_json(snapshots: Sequence[Snapshot]) -> dict[str, Any]:
    """Return the snapshots, as the document of `lab snapshots --json`."""
    return {
        "snapshots": [
            {
                "number": snapshot.id,
                "taken_at": snapshot.taken_at,
                "reason": snapshot.reason,
                "exercise": snapshot.exercise,
            }
            for snapshot in snapshots
        ]
    }


def show_diff(console: Console, diff: str) -> None:
    """Print a unified diff. Its lines are not wrapped: they are code."""
    if not diff:
        console.print("There is no difference.")
        return
    for line in diff.removesuffix("\n").split("\n"):  # a form feed ends no line of a source
        console.print(Text(line, diff_style(line)), soft_wrap=True)


def diff_json(diff: str, id: str | None) -> dict[str, Any]:
    """Return a unified diff from an earlier state, as the document of `lab diff --json`."""
    return {"id": id, "from": "before_run" if id else "start", "diff": diff}


def show_comparison(console: Console, compared: Comparison) -> None:
    """Print how the learner's code differs from what the lab would have made of it."""
    if compared.of == "patch":
        console.print(f"{compared.exercise}: your way is your own. The lab's, in its own API:")
        show_diff(console, compared.diff)
        return
    if not compared.diff:
        console.print(f"{compared.exercise}: your code is the lab's way, word for word.")
        return
    console.print(f"{compared.exercise}, when it passed: - the lab's way, + yours. Both are right.")
    show_diff(console, compared.diff)


def comparison_json(compared: Comparison) -> dict[str, Any]:
    """Return the diff from the lab's way to the learner's, as the document of `lab diff --json`."""
    return {"id": compared.exercise, "from": compared.of, "diff": compared.diff}
