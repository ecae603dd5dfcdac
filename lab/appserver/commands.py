"""A command in the folder of an app, run as a person would, also while the app is served."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.appserver.failures import outside, tail
from lab.appserver.launchers import Launcher
from lab.appserver.probe_events import Event
from lab.appserver.process import ServerProcess, is_outside
from lab.model import AppFailed

ALEMBIC_SECONDS = 15.0  # what Alembic does here takes less than one
SCRIPT_SECONDS = 12.0  # for a script that waits for a lock as long as SQLite does, twice


@dataclass(frozen=True)
class Ran:
    """One command, and what it came to."""

    command: str  # as a person types it
    code: int | None  # None: it did not end, and was killed
    output: str  # paths relative to the folder
    databases: tuple[Path, ...] = ()  # the SQLite files in the folder that it opened

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
    launcher: Launcher, folder: Path, arguments: Sequence[str], seconds: float = ALEMBIC_SECONDS
) -> Ran:
    """Run `alembic` with these arguments in the folder and return what it came to.

    Raises AppFailed where it opens a database outside of the folder, or does not end in time.
    """
    ran, events = _run(launcher, folder, ("alembic", *arguments), seconds)
    if ran.code is None:
        raise AppFailed(
            f"`{ran.command}` does not end.",
            "Look for a loop or a call that waits, in env.py or in a migration.",
            log=tail(ran.output),
        )
    if opened_outside := next(filter(is_outside, events), None):
        raise outside(opened_outside)
    return ran


def run_script(
    launcher: Launcher,
    folder: Path,
    file: str,
    *arguments: str,
    begun: Callable[[], object] = lambda: None,
) -> Ran:
    """Run a Python script with these arguments in the folder. Nothing is raised where it fails.

    `begun` is called when it begins.
    """
    command = ("python", file, *arguments)
    if not (folder / file).is_file():
        return Ran(" ".join(command), 2, f"There is no file {file} in this folder.")
    return _run(launcher, folder, command, SCRIPT_SECONDS, begun)[0]


def _run(
    launcher: Launcher,
    folder: Path,
    command: Sequence[str],
    seconds: float,
    begun: Callable[[], object] = lambda: None,
) -> tuple[Ran, list[Event]]:
    """Run a command, and return what it came to and what the process has told of itself.

    The log is not beside the folder, where the app that is served meanwhile may have its own.
    """
    with (
        TemporaryDirectory(prefix="lab-command-") as temporary,
        ServerProcess(folder, launcher) as process,
    ):
        process.log.path = Path(temporary) / "log"
        code, events = process.run(command, seconds, begun)
        opened = [folder / event["path"] for event in events if event["event"] == "database"]
        output = process.log.text().strip()
        return Ran(" ".join(command), code, output, tuple(dict.fromkeys(opened))), events
