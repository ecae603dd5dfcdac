"""Lets pytest run the checks, one at a time, as `lab verify` runs them.

`pytest checks --workspace DIR [--app MODULE:ATTR] [--database-url URL]`
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from inspect import isfunction
from pathlib import Path
from typing import Any

import pytest

from lab.appserver.database_provider import DatabaseProvider, FileDatabases
from lab.appserver.launchers import choose
from lab.dbserver.provider import ServerDatabases
from lab.dbserver.url import parse
from lab.model import CheckResult, Verdict
from lab.verify.checks import PREFIX, Check, as_check
from lab.verify.preflight import Boot, boot
from lab.verify.runner import run_check
from lab.verify.staged_server import StagedServers
from lab.workspace.workspace import Workspace, find

Judged = tuple[Boot, StagedServers]
JUDGED = pytest.StashKey[Judged]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lab")
    group.addoption("--workspace", type=Path, help="the folder to judge")
    group.addoption("--database-url", help="a database server: each check gets a database there")
    group.addoption("--app", help="the app in it, as MODULE:ATTR; found where it is not given")


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> pytest.Item | None:
    if not (isfunction(obj) and name.startswith(PREFIX)):
        return None
    check = as_check(collector.path, name, obj)
    return CheckItem.from_parent(collector, name=name, check=check)


class NotPassed(Exception):
    """A check that has not passed, as its words."""

    def __init__(self, result: CheckResult) -> None:
        super().__init__(
            "\n".join(
                f"{label:9} {words}"
                for label, words in (
                    ("expected:", result.expected),
                    ("got:", result.actual),
                    ("think:", result.help),
                )
                if words
            )
        )


class CheckItem(pytest.Item):
    """A check that pytest runs by the lab's own runner."""

    def __init__(self, *, check: Check, **given: Any) -> None:
        super().__init__(**given)
        self.check = check

    def runtest(self) -> None:
        """Run the check. Raises NotPassed."""
        result = run_check(self.check, *_judged(self.config))
        if result.verdict is not Verdict.PASSED:
            raise NotPassed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what pytest prints of a check that has not passed."""
        if isinstance(excinfo.value, NotPassed | pytest.UsageError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the check is written, and its sentence."""
        return self.path, self.check.function.__code__.co_firstlineno - 1, self.check.says


def _judged(config: pytest.Config) -> Judged:
    """Return how the app boots and what gives its servers, found out at the first check."""
    if JUDGED not in config.stash:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        launcher = stack.enter_context(closing(choose()))
        url = config.getoption("--database-url")
        databases: DatabaseProvider = (
            stack.enter_context(ServerDatabases(parse(url))) if url else FileDatabases()
        )
        servers = StagedServers(_workspace(config), launcher, databases)
        stack.callback(servers.close)
        config.stash[JUDGED] = boot(servers), servers
    return config.stash[JUDGED]


def _workspace(config: pytest.Config) -> Workspace:
    folder: Path | None = config.getoption("--workspace")
    if folder is None:
        raise pytest.UsageError("name the folder to judge: pytest checks --workspace DIR")
    if not folder.is_dir():
        raise pytest.UsageError(f"there is no folder {folder}")
    app = config.getoption("--app")
    if app is None and (folder / ".lab").is_dir():
        return find(folder, folder)
    return Workspace.read_only(folder, app)
