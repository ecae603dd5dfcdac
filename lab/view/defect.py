"""What is printed where the lab itself is at fault."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

from rich.console import Console


def show_defect(console: Console, error: Exception) -> None:
    """Say that the lab has a defect, and where the traceback is kept for its authors."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="lab-defect-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write("".join(traceback.format_exception(error)))
    console.print(f"The lab has a defect: {type(error).__name__}: {error}", style="bold red")
    console.print("It is not your code, and nothing of yours was changed by it.")
    console.print(f"For its authors, the details are in {Path(file.name)}.")
