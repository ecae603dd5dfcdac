"""Jobs that judge exercises, spread over processes that have a launcher each."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, Protocol, TypeVar

from lab.appserver.database_provider import FileDatabases
from lab.appserver.launchers import Launcher, choose
from lab.dbserver.provider import ServerDatabases
from lab.model import CheckResult, ExerciseResult, LabError, Verdict
from lab.scenario import FILE
from lab.verify.checks import Check
from lab.verify.runner import judge as judge_all
from lab.verify.runner import on_own_solution
from lab.workspace.workspace import Workspace

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class Judge:
    """Judges exercises with one launcher, for one job after the other."""

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
        self._passed: dict[tuple[str, str], dict[Check, CheckResult]] = {}  # by place, exercise

    def judge(
        self, workspace: Workspace, exercise: str, provider: ServerDatabases | None = None
    ) -> ExerciseResult:
        """Judge one exercise on a workspace, with a `provider` on a database server."""
        control = partial(self._control, provider)
        _, (result,) = judge_all(
            workspace, [exercise], self.launcher, control=control, databases=provider
        )
        return provider.url.hidden(result) if provider else result

    def _control(
        self, provider: ServerDatabases | None, exercise: str, failed: Sequence[Check]
    ) -> Mapping[Check, CheckResult]:
        """As `lab verify` does it, but each check passes on the lab's own solution only once."""
        place = provider.url.dialect if provider else FILE[0]
        passed = self._passed.setdefault((place, exercise), {})
        if unknown := [check for check in failed if check not in passed]:
            found = on_own_solution(exercise, unknown, self.launcher, provider or FileDatabases())
            passed |= {c: result for c, result in found.items() if result.verdict is Verdict.PASSED}
            return {**passed, **found}
        return passed


class Job(Protocol[Result_co]):
    """Something that needs a judge. Both it and its result are sent between processes."""

    def run(self, judge: Judge) -> Result_co:
        """Do it. Raises LabError where it cannot be done."""


class WorkerLost(LabError):
    """A process that judged has ended in the middle of a job."""

    def __init__(self, job: object) -> None:
        super().__init__(f"The process that was to judge {job} has ended.", "Run it again.")


def run_all(
    jobs: Sequence[Job[Result]], workers: int, done: Callable[[Result], None] = lambda result: None
) -> list[Result]:
    """Run the jobs on that many processes; their results, in the order of the jobs.

    `done` is told of each result as it comes. Raises the first LabError that a job has raised,
    and WorkerLost.
    """
    if workers <= 1 or len(jobs) <= 1:
        return _alone(jobs, done)
    results: dict[int, Result] = {}
    waiting = iter(enumerate(jobs))
    with _team(min(workers, len(jobs))) as started:
        team: list[_Member[Result]] = started
        for member in team:
            member.take(waiting)
        while busy := [member for member in team if member.job is not None]:
            for end in wait([member.connection for member in busy]):
                member = next(member for member in busy if member.connection is end)
                index, result = member.result()
                results[index] = result
                done(result)
                member.take(waiting)
    return [results[index] for index in range(len(jobs))]


def _alone(jobs: Sequence[Job[Result]], done: Callable[[Result], None]) -> list[Result]:
    with closing(choose()) as launcher:
        judge, results = Judge(launcher), []
        for job in jobs:
            results.append(job.run(judge))
            done(results[-1])
        return results


class _Member(Generic[Result]):
    """One process of a team, as the team's leader sees it."""

    def __init__(self) -> None:
        # Not a fork: this process may have threads, such as the one that draws the progress.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.job: tuple[int, Job[Result]] | None = None
        self.process: BaseProcess = context.Process(target=_work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def take(self, waiting: Iterator[tuple[int, Job[Result]]]) -> None:
        """Send the next job to the process; nothing where none is left."""
        self.job = next(waiting, None)
        if self.job is not None:
            self.connection.send(self.job[1])

    def result(self) -> tuple[int, Result]:
        """Return the job's number and its result, once it is there. Raises what the job raised."""
        assert self.job is not None
        index, job = self.job
        try:
            failure, result = self.connection.recv()
        except (EOFError, ConnectionResetError) as error:
            raise WorkerLost(job) from error
        if failure is not None:
            raise LabError(*failure)
        return index, result

    def leave(self) -> None:
        self.connection.close()  # the process ends when it reads this, and its servers with it
        self.process.join(10)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


@contextmanager
def _team(size: int) -> Iterator[list[_Member[Any]]]:
    team: list[_Member[Any]] = []
    try:
        for _ in range(size):
            team.append(_Member())
        yield team
    finally:
        for member in team:
            member.leave()


def _work(orders: Connection) -> None:
    """In a process of its own: do jobs until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C ends the leader, and that ends this
    leader_gone = EOFError, BrokenPipeError, ConnectionResetError
    with closing(choose()) as launcher, suppress(*leader_gone):
        judge = Judge(launcher)
        while True:
            job: Job[object] = orders.recv()
            try:
                orders.send((None, job.run(judge)))
            except LabError as error:
                orders.send(((error.message, error.remedy), None))
