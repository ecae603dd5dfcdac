"""The learner's tests, run on an API of the lab's that is right, or wrong in one way."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.appserver.process import ServerProcess
from lab.codemods import Edit
from lab.codemods.patches import reference
from lab.model import TestsTookTooLong
from lab.play.alterations import edit, write

PASSED, FAILED = 0, 1  # pytest's exit codes
NOTHING_RAN = 5
PACKAGE = "todos_app"


@dataclass(frozen=True)
class TestRun:
    """What became of one file of tests on one API."""

    __test__ = False  # pytest is not to collect it

    code: int
    output: str

    @property
    def passed(self) -> bool:
        """Whether a test has passed, and none has failed."""
        return self.code == PASSED

    @property
    def caught(self) -> bool:
        """Whether a test has failed."""
        return self.code == FAILED


def put_api(folder: Path, edits: Sequence[Edit]) -> None:
    """Put the reference with these edits in the place of the app in a folder."""
    shutil.rmtree(folder / PACKAGE, ignore_errors=True)
    write((folder,), reference())
    if edits:
        edit(folder, edits)


def run(server: ServerProcess, file: str, seconds: float) -> TestRun:
    """Run a file of tests in the server's folder. Raises TestsTookTooLong.

    Their temporary files are beside the folder, for its owner to remove.
    """
    began = server.log.size()
    code, _ = server.run(("pytest", file), seconds)
    output = server.log.text(began).strip()
    if code is None:
        raise TestsTookTooLong(
            f"The tests in {file} did not end in time.",
            "Look for a request without a timeout, or a server that is waited for and never comes.",
        )
    return TestRun(code, output)
