"""Jobs that judge exercises, spread over processes that have a launcher each."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from functools import cache, partial
from typing import Any, Protocol, TypeVar

from lab.appserver.launchers import Launcher, choose
from lab.dbserver.provider import ServerDatabases
from lab.model import ExerciseResult, LabError
from lab.scenario import FILE
from lab.verify.checks import of_exercise
from lab.verify.control import CachedControl
from lab.verify.runner import judge as judge_all
from lab.workspace.workspace import Workspace

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class Judge:
    """Judges exercises with one launcher, for one job after the other."""

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
        self._controls: dict[str, CachedControl] = {}  # by place: a file, or a kind of server

    def judge(
        self,
        workspace: Workspace,
        exercise: str,
        provider: ServerDatabases | None = None,
        own: ExerciseResult | None = None,
    ) -> ExerciseResult:
        """Judge one exercise on a workspace, with a `provider` on a database server.

        `own` is what the lab's own solution has got there, where that is known.
        """
        place = provider.url.dialect if provider else FILE[0]
        control = self._controls.setdefault(place, CachedControl(self.launcher))
        known = {check.name: check for check in own.checks} if own else {}
        control.remember(
            exercise, {c: known[c.name] for c in of_exercise(exercise) if c.name in known}
        )
        _, (result,) = judge_all(
            workspace,
            [exercise],
            self.launcher,
            control=partial(control, databases=provider),
            databases=provider,
        )
        return provider.url.hidden(result) if provider else result


class Job(Protocol[Result_co]):
    """Something that needs a judge. Both it and its result are sent between processes."""

    def run(self, judge: Judge) -> Result_co:
        """Do it. Raises LabError where it cannot be done."""


def run_all(
    jobs: Sequence[Job[Result]], workers: int, done: Callable[[Result], None] = lambda result: None
) -> list[Result]:
    """Run the jobs on that many processes; their results, in the order of the jobs.

    `done` is told of each result as it comes. Raises the first LabError that a job has raised, and
    one where a process ends in the middle of a job.
    """
    if workers <= 1 or len(jobs) <= 1:
        return _alone(jobs, done)
    results: dict[int, Result] = {}
    # Not a fork: this process may have threads, such as the one that draws the progress.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), context, _begin) as pool:
        try:
            numbers = {pool.submit(_run, job): number for number, job in enumerate(jobs)}
            for future in as_completed(numbers):
                failure, result = future.result()
                if failure:
                    raise LabError(*failure)
                results[numbers[future]] = result
                done(result)
        except BrokenProcessPool as error:
            raise LabError("A process that judged has ended.", "Run it again.") from error
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()
            raise
    return [results[number] for number in range(len(jobs))]


def _alone(jobs: Sequence[Job[Result]], done: Callable[[Result], None]) -> list[Result]:
    with closing(choose()) as launcher:
        judge, results = Judge(launcher), []
        for job in jobs:
            results.append(job.run(judge))
            done(results[-1])
        return results


def _begin() -> None:
    """Begin a process of the pool: it ends when the one that has started it does, however."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C ends the other one, and that ends this
    parent = multiprocessing.parent_process()
    assert parent

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


@cache
def _own_judge() -> Judge:
    """Return the one judge of this process."""
    launcher = choose()
    atexit.register(launcher.close)
    return Judge(launcher)


def _run(job: Job[Result]) -> tuple[tuple[str, str] | None, Any]:
    """Return what a job raised, as message and remedy, and else what it returned."""
    try:
        return None, job.run(_own_judge())
    except LabError as error:  # not itself: an error of two arguments cannot be unpickled
        return (error.message, error.remedy), None
