"""What `lab demo --board` and `--export` print."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from lab.terminal.lines import QUIET


def show_url(console: Console, url: str) -> None:
    """Say where the demo is to be seen."""
    line = Text.assemble("Open this in a browser: ", (url, "bold"))
    console.print(line, no_wrap=True, crop=False, overflow="ignore")
    keys = "Space goes on, b goes back, f is full screen, q ends it; so does Ctrl+C here."
    console.print(keys, style=QUIET)


def show_end(console: Console, export: Path | None) -> None:
    """Say that it is over, and where the page is that was kept of it."""
    if export:
        console.print(Text.assemble("Kept as one page: ", (str(export), "bold")))
    console.print("It was all on a throw-away copy.", style=QUIET)
