"""Trials: an exercise judged on something whose verdict is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.dev.bench import Bench
from lab.dev.corpus import Corpus, Solution
from lab.judge.reference import solution
from lab.model import ExerciseResult, LabError, Verdict
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

    @property
    def right(self) -> bool:
        return self.result.verdict is self.wanted

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the checks that have failed."""
        checks = self.result.checks
        return tuple(check.name for check in checks if check.verdict is Verdict.FAILED)

    @property
    def unclear(self) -> tuple[str, ...]:
        """The names of the failed checks that leave a learner without a part of the evidence."""
        failed = [check for check in self.result.checks if check.verdict is Verdict.FAILED]
        return tuple(
            c.name for c in failed if not (c.expected and c.actual and c.help and c.evidence)
        )

    def __str__(self) -> str:
        """What is wrong with the verdict, in a sentence."""
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
    """Judge an exercise on the lab's own solution."""

    exercise: str

    def run(self, bench: Bench) -> Outcome:
        """One trial, which must pass."""
        try:
            with bench.folder() as folder:
                workspace = solution(self.exercise, folder / "app", bench.launcher)
                result = bench.judge(workspace, self.exercise)
        except LabError as error:
            return Outcome(str(self), problems=(error.message,))
        subject = "the lab's own solution"
        trial = Trial(self.exercise, subject, Verdict.PASSED, result)
        return Outcome(str(self), (trial,))

    def __str__(self) -> str:
        return f"{self.exercise}, the lab's own solution"


@dataclass(frozen=True)
class OneOfTheCorpus:
    """Judge an exercise on one solution of the corpus."""

    corpus: Path
    solution: Solution

    def run(self, bench: Bench) -> Outcome:
        """One trial; a problem where the solution cannot be built."""
        solution = self.solution
        try:
            with bench.folder() as folder:
                app = Corpus(self.corpus).build(solution, folder / "app")
                result = bench.judge(Workspace.bare(folder / "app", app), solution.exercise)
        except LabError as error:
            return Outcome(str(self), problems=(error.message,))
        trial = Trial(solution.exercise, solution.name, solution.verdict, result, solution.why)
        return Outcome(str(self), (trial,))

    def __str__(self) -> str:
        return str(self.solution)
