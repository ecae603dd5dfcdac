"""What `lab demo --board` and `--export` print."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from lab.terminal.lines import QUIET, whole


def show_url(console: Console, url: str, vote: str | None) -> None:
    """Say where the demo is to be seen, and where the room votes."""
    whole(console, Text.assemble("Open this in a browser: ", (url, "bold")))
    if vote:
        whole(console, Text.assemble("The room votes at:      ", (vote, "bold")))
    keys = "Space goes on, b goes back, f is full screen, q ends it; so does Ctrl+C here."
    console.print(keys, style=QUIET)


def show_end(console: Console, export: Path | None) -> None:
    """Say that it is over, and where the page is that was kept of it."""
    if export:
        console.print(Text.assemble("Kept as one page: ", (str(export), "bold")))
    console.print("It was all on a throw-away copy.", style=QUIET)
