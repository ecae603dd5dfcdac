"""Runs the checks of exercises on a workspace, by pytest, and returns the verdicts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest

from lab import resources
from lab.appserver.launchers import Launcher
from lab.course import catalogue
from lab.course.catalogue import check_files
from lab.dbserver.lending import Lender
from lab.model import CheckResult, ExerciseResult, LabError, Verdict
from lab.scenario import Exercise
from lab.verify.parallel import Ahead
from lab.workspace.workspace import Workspace

CONTROL_HELP = (
    "The lab's own solution fails this check as well here: it is this machine or the lab, "
    "not your code."
)
# Runs checks of an exercise, by node id, on the lab's own solution.
Control = Callable[[str, Sequence[str], Launcher], Mapping[str, CheckResult]]


@dataclass(eq=False)  # a plugin is one of its kind, and some versions of pytest hash it
class Judged:
    """What one run of pytest has found; also the plugin that collects it."""

    launcher: Launcher
    progress: Callable[[str, CheckResult], None]
    lender: Lender | None = None  # of databases on a server; None: the app uses files
    app: str | None = None
    results: dict[str, CheckResult] = field(default_factory=dict)  # by node id
    seconds: dict[str, float] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)  # check files that could not be imported

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep why a file of checks cannot be read: its author is at fault."""
        if report.failed:
            said = report.longreprtext.strip().splitlines() or ["?"]
            self.unread.append(f"{_file(report.nodeid)}: {said[-1].removeprefix('E').strip()}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the result that the checks' own conftest has put on the report."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        result: CheckResult | None = getattr(report, "check_result", None)
        if result:
            self.results[report.nodeid] = result
            self.progress(report.nodeid, result)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Let a Ctrl+C through: pytest would end as ever, and say so by a number."""
        if type(excinfo.value) is KeyboardInterrupt:  # pytest has others, which are its own
            raise excinfo.value


def judge(
    workspace: Workspace,
    exercises: Sequence[str],
    launcher: Launcher,
    progress: Callable[[str, CheckResult], None] = lambda node, result: None,
    control: Control | None = None,
    lender: Lender | None = None,
) -> tuple[str | None, list[ExerciseResult]]:
    """Run the checks of these exercises: (the app that was judged, a result for each exercise).

    A check that fails is run once more on the lab's own solution, by `control` where it is given;
    where that fails too, the verdict is an error. With a `lender` each check has a database of its
    own on a database server. Raises LabError where pytest itself cannot run.
    """
    run_control = control or partial(on_own_solution, lender=lender)
    files = {exercise: _files(exercise) for exercise in exercises}
    found = Judged(launcher, progress, lender)
    wanted = dict.fromkeys(str(file) for some in files.values() for file in some)
    _run(found, list(wanted), workspace)
    results = []
    for exercise, paths in files.items():
        names = {path.name for path in paths}
        nodes = [node for node in found.results if _file(node) in names]
        _control(exercise, nodes, found, run_control)
        checks = tuple(found.results[node] for node in nodes)
        seconds = sum(found.seconds[node] for node in nodes)
        results.append(ExerciseResult(exercise, overall(checks), checks, seconds=seconds))
    return found.app, results


def _files(exercise: str) -> list[Path]:
    """The files with the checks of an exercise, its own first."""
    entry = catalogue.load().exercises.get(exercise)
    included = entry.includes if isinstance(entry, Exercise) else ()
    return [file for id in (exercise, *included) for file in check_files(id)]


def overall(checks: Sequence[CheckResult]) -> Verdict:
    """The verdict of an exercise: an error outweighs a failure, a failure a pass."""
    verdicts = {check.verdict for check in checks}
    for verdict in (Verdict.ERROR, Verdict.FAILED, Verdict.PASSED):
        if verdict in verdicts:
            return verdict
    return Verdict.ERROR


def on_own_solution(
    exercise: str, nodes: Sequence[str], launcher: Launcher, lender: Lender | None = None
) -> Mapping[str, CheckResult]:
    """Run checks of an exercise on the lab's own solution; the results by node id."""
    # Here: it takes time, and where nothing fails nobody needs it.
    from lab.verify.reference import its_own_database, solution

    checks = resources.folder("checks")
    again = [f"{checks / _file(node)}::{node.partition('::')[2]}" for node in nodes]
    with tempfile.TemporaryDirectory(prefix="lab-control-") as temporary:
        reference = solution(exercise, Path(temporary) / "reference", launcher)
        with its_own_database(exercise, reference, launcher, lender) as lending:
            found = Judged(launcher, lambda node, result: None, lending)
            _run(found, again, reference)
    return found.results


def _control(exercise: str, nodes: list[str], found: Judged, control: Control) -> None:
    """Turn each failure that the lab's own solution shares into an error."""
    failed = [node for node in nodes if found.results[node].verdict is Verdict.FAILED]
    if not failed:
        return
    results = control(exercise, failed, found.launcher)
    for node in failed:
        same = results.get(node)
        if same is None or same.verdict is not Verdict.PASSED:
            said = f" There: {same.actual}" if same and same.actual else ""
            found.results[node] = replace(
                found.results[node], verdict=Verdict.ERROR, help=CONTROL_HELP + said
            )


def _file(node: str) -> str:
    return Path(node.partition("::")[0]).name


def _run(plugin: Judged, what: list[str], workspace: Workspace) -> None:
    """Run pytest in this process, shut off from every configuration but the checks' own."""
    checks = resources.folder("checks")
    with tempfile.TemporaryDirectory(prefix="lab-judge-") as temporary, _plain_pytest():
        arguments = [
            *what,
            f"--workspace={workspace.folder}",
            f"--rootdir={checks}",
            f"--confcutdir={checks}",
            f"--basetemp={Path(temporary) / 'checks'}",
            f"--config-file={os.devnull}",
            "--capture=no",
            "--strict-markers",
            "--assert=plain",  # checks raise CheckFailed, and have nothing to be rewritten
            "--import-mode=importlib",
            "-pno:cacheprovider",
            "-pno:terminal",
            "-pno:faulthandler",
            "-pno:logging",
            "-pno:threadexception",
            "-pno:unraisableexception",  # collects garbage for tens of milliseconds in the end
            "-pno:warnings",
        ]
        if workspace.app:
            arguments.append(f"--app={workspace.app}")
        ahead = Ahead(workspace, plugin.launcher, plugin.lender)
        try:
            code = pytest.main(arguments, plugins=[_Named(plugin, ahead)])
        finally:
            ahead.close()
        if ahead.problem:
            raise ahead.problem
        if ahead.booted:
            plugin.app = ahead.booted.app
    if plugin.unread:
        raise LabError(
            f"A file of checks cannot be read: {plugin.unread[0]}.",
            "This is a defect of the lab: `lab dev check` is for its authors.",
        )
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise LabError(
            f"The checks could not run (pytest ended with {code!r}).",
            "This is a defect of the lab: `pytest checks --workspace DIR` shows more.",
        )


class _Named:
    """Registers the plugins under the names that the checks' conftest knows."""

    def __init__(self, judged: Judged, ahead: Ahead) -> None:
        self._plugins = {"lab-judge": judged, "lab-ahead": ahead}

    def pytest_configure(self, config: pytest.Config) -> None:
        for name, plugin in self._plugins.items():
            config.pluginmanager.register(plugin, name)


@contextmanager
def _plain_pytest() -> Iterator[None]:
    """Keep the learner's environment from adding options or plugins to the lab's pytest."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST_")}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(kept)
