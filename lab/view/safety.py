"""What is printed about going back: snapshots, undo, reset, and differences."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table

from lab.workspace.snapshots import Change, Snapshot


def show_change(console: Console, change: Change, did: str) -> None:
    """Print what went back, and how to come forward again."""
    if not change.changed:
        console.print("Nothing has changed since then, so nothing was done.")
        return
    console.print(f"{did}: {len(change.changed)} files are as they were.")
    for path in change.changed:
        console.print(f"  {path}")
    if change.saved:
        console.print(
            f"What you had is kept as snapshot {change.saved.id}: `lab undo` brings it back."
        )


def show_snapshots(console: Console, snapshots: Sequence[Snapshot]) -> None:
    """Print the snapshots, oldest first."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("number", "taken (UTC)", "why"):
        table.add_column(header)
    for snapshot in snapshots:
        table.add_row(str(snapshot.id), snapshot.taken_at[:19].replace("T", " "), snapshot.reason)
    console.print(table)
    console.print("`lab undo NUMBER` goes to one of them.", style="dim")


def show_diff(console: Console, diff: str) -> None:
    """Print a unified diff, in colour where the terminal has colours."""
    if not diff:
        console.print("There is no difference.")
    elif console.color_system is None:
        console.print(diff, markup=False, highlight=False, soft_wrap=True, end="")
    else:
        console.print(Syntax(diff, "diff", background_color="default", word_wrap=True))
