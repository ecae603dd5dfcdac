"""What `lab doctor` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab.course.doctor import Machine


def show_machine(console: Console, machine: Machine) -> None:
    """Print every finding, with its word, and what they come to."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for finding in machine.findings:
        missing = ("missing", "red") if finding.needed else ("optional", "yellow")
        word = Text("ok", "green") if finding.fine else Text(*missing)
        table.add_row(word, finding.name, Text(finding.value))
    console.print(table)
    console.print()
    console.print(
        "The lab has all that it needs." if machine.sound else "Something is missing: see above."
    )


def as_json(machine: Machine) -> dict[str, Any]:
    """Return the findings as the document of `lab doctor --json`."""
    return {"sound": machine.sound, "findings": [asdict(found) for found in machine.findings]}
