"""Alembic in a folder with the learner's app, as a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.appserver.failures import outside, tail
from lab.appserver.launchers import Launcher
from lab.appserver.process import is_outside, with_own_log
from lab.model import AppFailed

SECONDS = 15.0  # what Alembic does here takes less than one


@dataclass(frozen=True)
class Ran:
    """One Alembic command, and what it came to."""

    command: str  # as a person types it
    code: int
    output: str  # paths relative to the folder
    databases: tuple[Path, ...]  # the SQLite files that it opened

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked for."""
        return self.code == 0

    @property
    def said(self) -> str:
        """The line of its output that says what went wrong, or its last one."""
        lines = [line for line in self.output.splitlines() if line.strip()]
        named = [line for line in lines if line.startswith("FAILED") or "Error" in line]
        errors = [line for line in named if not line.startswith((" ", "Traceback"))]
        return (errors or lines or ["it said nothing"])[-1].strip()


def alembic(
    launcher: Launcher, folder: Path, arguments: Sequence[str], seconds: float = SECONDS
) -> Ran:
    """Run `alembic` with these arguments in the folder and return what it came to.

    Raises AppFailed where it opens a database outside of the folder, or does not end in time.
    """
    command = ("alembic", *arguments)
    typed = " ".join(command)
    with with_own_log(folder, launcher) as process:
        code, events = process.run(command, seconds)
        if code is None:
            raise AppFailed(
                f"`{typed}` does not end.",
                "Look for a loop or a call that waits, in env.py or in a migration.",
                log=tail(process.log.text()),
            )
        opened_outside = next(filter(is_outside, events), None)
        if opened_outside:
            raise outside(opened_outside)
        opened = [folder / event["path"] for event in events if event["event"] == "database"]
        return Ran(typed, code, process.log.text(), tuple(dict.fromkeys(opened)))
