"""Commands that run on the learner's code in the place of a server: tests, Alembic, a script."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lab.child import by_hand
from lab.child.confine import have_temporary
from lab.child.dbservers import watch_dbservers
from lab.child.files import watch_files
from lab.child.probe import Probe

if TYPE_CHECKING:
    import pytest

OPTIONS = (
    *("-q", "-x", "--tb=short", "--color=no", "-p", "no:cacheprovider", "--rootdir=."),
    *("-rN", "--disable-warnings"),  # a failure that is told whole needs no summary
    # A fork of the preloaded process has imported the plugin of anyio already.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


def run(folder: Path, command: Sequence[str], probe: Probe) -> int:
    """Run a command as it would run by hand in the folder. Returns its exit code.

    pytest and Alembic are imported here, and by no server.
    """
    match command[0]:
        case "pytest":
            return _pytest(folder, command)
        case "python":
            by_hand.enter(folder, command[1:])
            _script(command[1])  # where it fails, it raises or exits
            return 0
        case _:
            return _alembic(folder, command, probe)


def _script(file: str) -> None:
    """Run a script as Python does: it knows its whole path, and how it was called.

    runpy.run_path() says the same in both places.
    """
    main, path = sys.modules["__main__"], str(Path(file).absolute())
    main.__file__ = path
    exec(compile(Path(path).read_bytes(), path, "exec"), vars(main))


class Passed:
    """Counts the tests that have passed: those that are skipped say nothing."""

    def __init__(self) -> None:
        self.count = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what has run to its end and was not expected to fail."""
        if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            self.count += 1


def _pytest(folder: Path, command: Sequence[str]) -> int:
    """Run tests, without what pytest keeps between two runs; 5 where none has passed."""
    import pytest

    by_hand.enter(folder, command)
    have_temporary(folder)
    passed = Passed()
    code = pytest.main([*OPTIONS, *command[1:]], plugins=[passed])
    if code == pytest.ExitCode.OK and not passed.count:
        code = pytest.ExitCode.NO_TESTS_COLLECTED
    sys.stdout.flush()
    return int(code)


def _alembic(folder: Path, command: Sequence[str], probe: Probe) -> int:
    """Run Alembic under the probe's watch: a database outside of the folder ends the process."""
    watch_files(probe)
    watch_dbservers(probe)
    from alembic.config import main  # before the folder is on the path, as its own command is

    by_hand.enter(folder, command)
    main(argv=[*command[1:]], prog="alembic")  # where it fails, it exits
    return 0
