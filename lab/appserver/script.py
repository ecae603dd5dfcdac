"""A script in the folder of an app, run as a person would, also while the app is served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.appserver.launchers import Launcher
from lab.appserver.process import with_own_log

SECONDS = 12.0  # for a script that waits for a lock as long as SQLite does by itself, twice


@dataclass(frozen=True)
class ScriptRan:
    """One run of a script, and what it came to."""

    command: str  # as a person types it
    code: int | None  # None: it did not end, and was killed
    output: str  # paths relative to the folder


def run_script(
    launcher: Launcher,
    folder: Path,
    script: str,
    *arguments: str,
    begun: Callable[[], object] = lambda: None,
) -> ScriptRan:
    """Run a Python script with these arguments in the folder. Nothing is raised where it fails.

    `begun` is called when it begins.
    """
    typed = " ".join(("python", script, *arguments))
    if not (folder / script).is_file():
        return ScriptRan(typed, 2, f"There is no file {script} in this folder.")
    with with_own_log(folder, launcher) as process:
        code, _ = process.run(("python", script, *arguments), SECONDS, begun)
        return ScriptRan(typed, code, process.log.text().strip())
