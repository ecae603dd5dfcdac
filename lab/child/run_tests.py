"""Runs the learner's own tests in the place of a server, as `python -m pytest FILE` would.

Without what pytest keeps between two runs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lab.child.confine import have_temporary

if TYPE_CHECKING:
    import pytest

OPTIONS = (
    *("-q", "-x", "--tb=short", "--color=no", "-p", "no:cacheprovider", "--rootdir=."),
    # A fork of the preloaded process has imported the plugin of anyio already.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


class Passed:
    """Counts the tests that have passed: those that are skipped say nothing."""

    def __init__(self) -> None:
        self.count = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what has run to its end and was not expected to fail."""
        if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            self.count += 1


def run(folder: Path, file: str) -> int:
    """Run the tests in a file of the folder. Returns pytest's code, which is 5 where none passed.

    pytest is imported here, and by no server.
    """
    import pytest

    have_temporary(folder)
    passed = Passed()
    code = pytest.main([*OPTIONS, file], plugins=[passed])
    if code == pytest.ExitCode.OK and not passed.count:
        code = pytest.ExitCode.NO_TESTS_COLLECTED
    sys.stdout.flush()
    return int(code)
