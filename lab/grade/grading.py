"""Judges submissions, many at a time, and keeps each result as it comes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import Any

from lab.course import catalogue
from lab.grade.judge import Job, named
from lab.grade.judges import Judges
from lab.grade.outcome import Outcome, Status
from lab.grade.results import Results
from lab.grade.submissions import Submission, as_text
from lab.grade.walls import Wall
from lab.grade.worker import TRIES, Order, judged
from lab.model import LabError, UsageError, Verdict
from lab.scenario import FILE, Exercise
from lab.scenario.explanation import Explanation
from lab.verify.checks import of_exercise

KINDS = ("persist", "alter", "fix")  # a break is no state to hand in, a claim nothing to judge
AHEAD = 200  # submissions that wait at the most, so that nothing grows with the class
LEAST_SECONDS, SECONDS_A_CHECK = 60.0, 10.0  # no app reaches them while its checks end in time


# Gives an order to an executor.
Submit = Callable[[Order], Future[Outcome]]


@dataclass(frozen=True)
class Plan:
    """What is to be found out about each submission, and how."""

    exercises: tuple[str, ...]
    wall: Wall
    broken: tuple[str, ...] = ()  # checks that the lab's own solutions fail on this machine

    @property
    def seconds(self) -> float:
        """How long the judging of one submission may take."""
        checks = sum(len(of_exercise(id)) for id in self.exercises)
        return LEAST_SECONDS + SECONDS_A_CHECK * checks

    def order(self, submission: Submission) -> Order:
        """Return the order to judge a submission."""
        job = Job(
            submission.name, "", self.exercises, submission.digest(), as_text(submission.path.name),
            submission.app, broken=self.broken,
        )  # fmt: skip
        return Order(job, str(submission.path.absolute()), self.wall, self.seconds)


def gradable(ids: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the exercises to judge: those that are named, else the track.

    Raises UsageError for one that there is not, or that nobody can hand in.
    """
    if not ids:
        return tuple(id for id, entry in catalogue.exercises().items() if _fits(entry))
    for id in ids:
        if not _fits(catalogue.exercise(id)):
            raise UsageError(
                f"{id} cannot be judged from what is handed in.",
                "Name exercises of another kind: persist, alter-N, fix-N, explain-N.",
            )
    return tuple(dict.fromkeys(ids))


def _fits(entry: catalogue.Entry) -> bool:
    if isinstance(entry, Explanation):
        return True
    return isinstance(entry, Exercise) and entry.kind in KINDS and FILE[0] in entry.databases


@contextmanager
def local(jobs: int | None = None) -> Iterator[Submit]:
    """Give what has an order done on this machine, as many at a time as it has processors.

    Where the block is left before all are done, those that run are ended.
    """
    judges = Judges()
    pool = ThreadPoolExecutor(jobs or os.cpu_count() or 1, "lab-grade")
    try:
        yield partial(pool.submit, partial(judged, judges=judges))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        judges.abort()
        pool.shutdown()
        judges.close()


@contextmanager
def cluster(address: str) -> Iterator[Submit]:
    """Give what has an order done by the workers of a Dask cluster, which find the same files.

    Raises UsageError where there is no such cluster, or no Dask here.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise UsageError(
            "--dask needs Dask, which is not installed.",
            'Install it: `pip install "persistence-lab[cluster]"`.',
        ) from error
    try:
        client = distributed.Client(address)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"There is no Dask scheduler at {address}: {error}.", "Such as tcp://10.0.0.5:8786."
        ) from error
    with client, client.get_executor(pure=False) as executor:
        yield partial(executor.submit, judged)


def tried(plan: Plan, submit: Submit) -> Plan:
    """Judge the lab's own solutions, and return the plan with the checks that they fail here.

    Raises LabError where they cannot be judged at all.
    """
    job = Job("the lab's own solution", "", plan.exercises)
    broken: set[str] | None = None
    for _ in range(2):  # once more, where a machine with much else to do was too slow
        outcome = submit(Order(job, "", plan.wall, plan.seconds)).result()
        if outcome.status is not Status.JUDGED:
            raise LabError(
                f"The lab's own solution cannot be judged here: {outcome.says}",
                "`lab doctor` shows what this machine lacks.",
            )
        failed = {
            named(exercise.id, check.name)
            for exercise in outcome.exercises
            for check in exercise.checks
            if check.verdict is not Verdict.PASSED
        }
        broken = failed if broken is None else broken & failed
        if not broken:
            break
    checks = [check for exercise in outcome.exercises for check in exercise.checks]
    if checks and len(broken or ()) == len(checks):
        raise LabError(
            f"The lab's own solutions pass no check here: {checks[0].actual}",
            "`lab doctor` shows what this machine lacks.",
        )
    return replace(plan, broken=tuple(sorted(broken or ())))


def grade(
    submissions: Sequence[Submission],
    plan: Plan,
    results: Results,
    submit: Submit,
    progress: Callable[[Outcome], None] = lambda outcome: None,
) -> None:
    """Judge each submission that has no result yet, and keep each one as it comes.

    A worker that is lost costs another try, and then an error for that submission alone.
    """
    waiting = iter(submissions)
    tries: dict[str, int] = {}
    open: dict[Future[Outcome], Submission] = {}
    room = max(AHEAD, 4 * (os.cpu_count() or 1))

    def begin(submission: Submission) -> None:
        tries[submission.name] = tries.get(submission.name, 0) + 1
        open[submit(plan.order(submission))] = submission

    while True:
        while len(open) < room and (submission := next(waiting, None)):
            begin(submission)
        if not open:
            return
        for done in wait(open, return_when=FIRST_COMPLETED).done:
            submission = open.pop(done)
            error = done.exception()
            if error is None:
                outcome = done.result()
            elif not isinstance(error, Exception):
                raise error
            elif tries[submission.name] < TRIES:
                begin(submission)
                continue
            else:
                says = f"What was to judge it was lost {TRIES} times: {error}"
                outcome = Outcome(submission.name, "", Status.ERROR, says, submission.app)
            results.add(outcome)
            progress(outcome)
