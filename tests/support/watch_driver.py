"""`lab watch` as the smallest command: `watch_driver.py DIR`. Its keys only print."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from lab.appserver.launchers import choose
from lab.cli import interrupts
from lab.model import NotPossible
from lab.terminal.watch import Action, run, show_end
from lab.verify.verdicts import verify
from lab.workspace.workspace import Workspace

FOLDER = Path(sys.argv[1])


def says(text: str, again: bool = False) -> Action:
    def do(console: Console) -> bool:
        console.print(text)
        return again

    return Action(text.lower(), do)


def refuse(console: Console) -> bool:
    raise NotPossible("There is nothing to undo.", "Save a change first.")


def main() -> None:
    workspace = Workspace.read_only(FOLDER, "todos_app.main:app")
    launcher = choose()
    console = Console()
    try:
        with suppress(KeyboardInterrupt), interrupts.heard():
            run(
                console,
                FOLDER,
                lambda progress: verify(workspace, ["alter-2"], ["alter-2"], launcher, progress),
                lambda: "alter-2",
                {
                    "h": says("A-HINT"),
                    "n": says("THE-NEXT", again=True),
                    "u": Action("undo", refuse),
                },
            )
        show_end(console)
    finally:
        launcher.close()


if __name__ == "__main__":
    main()
