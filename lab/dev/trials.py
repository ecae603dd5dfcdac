"""Trials: an exercise judged on something whose verdict is known beforehand."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lab.course import catalogue
from lab.dbserver.tables import connected
from lab.dbserver.url import NAMES, DatabaseURL, Dialect
from lab.dev.corpus import Corpus, Solution
from lab.dev.jobs import Judge
from lab.dev.servers import own_database
from lab.model import ExerciseResult, LabError, NotPossible, Verdict
from lab.play.on_dbserver import move
from lab.verify.reference import fill_own_database, solution
from lab.workspace.temporary import scratch
from lab.workspace.workspace import Workspace

SHOWN = 2  # checks in a sentence on a verdict that is wrong


@dataclass(frozen=True)
class Trial:
    """What was judged, the verdict that it must get, and the one that it got."""

    exercise: str
    subject: str
    wanted: Verdict
    result: ExerciseResult
    why: str = ""
    says: str = ""  # what must be said of it

    @property
    def right(self) -> bool:
        return self.result.verdict is self.wanted

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the checks that have failed."""
        checks = self.result.checks
        return tuple(check.name for check in checks if check.verdict is Verdict.FAILED)

    @property
    def unsaid(self) -> bool:
        """Whether no check says of it what must be said."""
        return bool(self.says) and not any(
            self.says in f"{c.actual} {c.help}" for c in self.result.checks
        )

    @property
    def unclear(self) -> tuple[str, ...]:
        """The names of the failed checks that leave a learner without a part of the evidence."""
        failed = [check for check in self.result.checks if check.verdict is Verdict.FAILED]
        return tuple(
            c.name for c in failed if not (c.expected and c.actual and c.help and c.evidence)
        )

    def __str__(self) -> str:
        """Return what is wrong with the verdict, in a sentence."""
        checks = [check for check in self.result.checks if check.verdict is not Verdict.PASSED]
        said = list(dict.fromkeys(f"{check.name}: {check.actual}" for check in checks[:SHOWN]))
        why = f" ({self.why.rstrip('.')})" if self.why else ""
        return (
            f"{self.subject} must be {self.wanted} and is {self.result.verdict}{why}"
            + (f": {'; '.join(said)}" if said else "")
            + "."
        )


@dataclass(frozen=True)
class Outcome:
    """What came of one job: the trials it made, and what is wrong besides."""

    job: str
    trials: tuple[Trial, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnSolution:
    """Judge an exercise on the lab's own solution, on a file or `on` a server."""

    exercise: str
    on: Dialect | None = None

    def run(self, judge: Judge) -> Outcome:
        """One trial, which must pass."""
        try:
            with scratch("lab-dev-") as folder, own_database(self.on) as provider:
                workspace = solution(self.exercise, folder / "app", judge.launcher)
                fill = partial(fill_own_database, self.exercise, workspace, judge.launcher)
                with provider.with_own(fill) if provider else nullcontext() as filled:
                    result = judge.judge(workspace, self.exercise, filled)
        except LabError as error:
            return Outcome(str(self), problems=(error.message,))
        subject = f"the lab's own solution{placed(self.on)}"
        trial = Trial(self.exercise, subject, Verdict.PASSED, result)
        return Outcome(str(self), (trial,))

    def __str__(self) -> str:
        return f"{self.exercise}, the lab's own solution{placed(self.on)}"


@dataclass(frozen=True)
class OneOfTheCorpus:
    """Judge an exercise on one solution of the corpus, on a file or `on` a server."""

    corpus: Path
    solution: Solution
    on: Dialect | None = None
    own: ExerciseResult | None = None  # what the lab's own solution has got there

    def run(self, judge: Judge) -> Outcome:
        """One trial; a problem where the solution cannot be built."""
        solution = self.solution
        try:
            with scratch("lab-dev-") as folder, own_database(self.on) as provider:
                app = Corpus(self.corpus).build(solution, folder / "app")
                workspace = Workspace.read_only(folder / "app", app)
                if provider:
                    self._fill(provider.own, workspace, judge)
                result = judge.judge(workspace, solution.exercise, provider, self.own)
        except LabError as error:
            return Outcome(str(self), problems=(error.message,))
        subject = f"{solution.name}{placed(self.on)}"
        trial = Trial(
            solution.exercise, subject, solution.verdict, result, solution.why, solution.says
        )
        return Outcome(str(self), (trial,))

    def _fill(self, own: DatabaseURL, workspace: Workspace, judge: Judge) -> None:
        """Make the learner's own database on the server what it is in this solution."""
        if self.solution.moved and catalogue.load().playable(self.solution.exercise).moves:
            # A wrong app need not come so far that there are tables for the rows.
            with suppress(*(() if self.solution.correct else (NotPossible,))):
                move(workspace, judge.launcher, own)
        with connected(own) as connection:
            for statement in self.solution.on_server:
                connection.exec_driver_sql(statement)

    def __str__(self) -> str:
        return f"{self.solution}{placed(self.on)}"


def placed(on: Dialect | None) -> str:
    """Where something is judged, as words that follow its name; empty for a file."""
    return f" on {NAMES[on]}" if on else ""
