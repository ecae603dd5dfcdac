"""Runs the learner's own tests: `python -P -B -m lab.child.run_tests FILE`, in their folder.

As `python -m pytest FILE` would, without what pytest keeps between two runs. When the lab is gone,
so is this process, and what the tests have started.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lab.child import orphans
from lab.child.confine import have_temporary
from lab.child.start import bound, forget_the_lab

OPTIONS = ("-q", "-x", "--tb=short", "--color=no", "-p", "no:cacheprovider", "--rootdir=.")


class Passed:
    """Counts the tests that have passed: those that are skipped say nothing."""

    def __init__(self) -> None:
        self.count = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what has run to its end and was not expected to fail."""
        if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            self.count += 1


def main() -> None:
    """Run the tests in the file, and end with pytest's code; 5 where none has passed."""
    orphans.keep()
    orphans.adopt()
    forget_the_lab()
    bound()
    folder = Path.cwd()
    have_temporary(folder)
    sys.path.insert(0, str(folder))
    sys.argv = ["pytest", sys.argv[1]]
    passed = Passed()
    code = pytest.main([*OPTIONS, sys.argv[1]], plugins=[passed])
    if code == pytest.ExitCode.OK and not passed.count:
        code = pytest.ExitCode.NO_TESTS_COLLECTED
    sys.stdout.flush()
    sys.exit(code)


if __name__ == "__main__":
    main()
