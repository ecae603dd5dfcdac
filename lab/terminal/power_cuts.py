"""What is printed of power cuts that the lab has made."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from lab.answers import many_in
from lab.faults.power_cut import Loss, PowerCuts

SHOWN = 3  # titles of lost todos in a sentence


def show_power_cuts(console: Console, found: PowerCuts) -> None:
    """Print what the disks have shown, the worst of them, and what a client sees there."""
    console.print(
        f"{found.acknowledged} todos were answered 2xx. SQLite asked the disk for {found.writes} "
        f"writes and {found.syncs} syncs meanwhile."
    )
    console.print(f"{found.tried} disks that a power cut could leave were tried:")
    if found.holds:
        console.print("  every acknowledged todo is on every one of them.", style="green")
        return
    if found.lacking:
        console.print(f"  {found.lacking} lack todos that had been answered 2xx,", style="red")
    if found.damaged:
        console.print(f"  {found.damaged} are corrupt: SQLite says so itself,", style="red")
    console.print(f"  {found.tried - found.lacking - found.damaged} are whole.")
    if found.worst:
        console.print()
        for sentence in _worst(found.worst, found):
            console.print(sentence)
    console.print()
    console.print(
        "A SIGKILL never shows this: the system has what was written, and writes it out later."
    )
    console.print("Which PRAGMA decides how often SQLite waits for the disk?")


def _worst(worst: Loss, found: PowerCuts) -> list[str]:
    when = f"the power goes after operation {worst.disk.operations}"
    said = [f"The worst one: {when}, and the disk has {worst.disk.left}."]
    if worst.damage:
        said.append(f"  PRAGMA integrity_check: {worst.damage.splitlines()[-1]}")
    elif worst.missing:
        titles = ", ".join(repr(title) for title in worst.missing[:SHOWN])
        more = len(worst.missing) - SHOWN
        said.append(
            f"  {len(worst.missing)} of {worst.due} acknowledged todos are gone: {titles}"
            + (f" and {more} more." if more > 0 else ".")
        )
    if found.after is not None:
        listed = many_in(found.after.json)
        answer = f"{found.after.status}" + (f", {len(listed)} todos" if listed is not None else "")
        said.append(f"  Your API, started on that disk: GET {found.after.path} answers {answer}.")
    elif found.refused:
        said.append(f"  Your API, started on that disk: {found.refused}")
    return said


def power_cuts_json(found: PowerCuts) -> dict[str, Any]:
    """Return the same as plain values."""
    worst = found.worst
    return {
        "acknowledged": found.acknowledged,
        "writes": found.writes,
        "syncs": found.syncs,
        "disks": found.tried,
        "lacking": found.lacking,
        "corrupt": found.damaged,
        "holds": found.holds,
        "worst": worst
        and {
            "after_operations": worst.disk.operations,
            "left": worst.disk.left,
            "acknowledged": worst.due,
            "missing": list(worst.missing),
            "damage": worst.damage,
        },
        "after_restart": found.after and {"status": found.after.status, "json": found.after.json},
        "refused": found.refused,
    }
