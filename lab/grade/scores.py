"""What a result is worth: an exercise is a point, and its checks are equal shares of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from lab.grade.outcome import Outcome, Status
from lab.model import ExerciseResult, UsageError, Verdict

SELF_REPORTED = "explain-"  # by the learner's own journal, which anybody can write


@dataclass(frozen=True)
class Score:
    """What was reached of what could be. `reached` is None where there is no score."""

    reached: Fraction | None
    most: Fraction

    def __str__(self) -> str:
        return "" if self.reached is None else plain(self.reached)


@dataclass(frozen=True)
class Class:
    """The results of a class, each submission once, by name."""

    exercises: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    points: Mapping[str, Fraction]

    @property
    def walls(self) -> tuple[str, ...]:
        """The walls behind which they were judged."""
        return tuple(sorted({outcome.wall for outcome in self.outcomes if outcome.wall}))

    def score(self, outcome: Outcome, exercise: str) -> Score:
        """Return the score of one exercise.

        What is not applicable costs nothing; an error has no score, and no more has what could
        not be judged at all.
        """
        points = self.points[exercise]
        result = result_of(outcome, exercise)
        if result is None:
            lost = outcome.status is Status.ERROR
            return Score(None if lost else Fraction(0), points)
        verdicts = [check.verdict for check in result.checks]
        passed, failed = (verdicts.count(v) for v in (Verdict.PASSED, Verdict.FAILED))
        if Verdict.ERROR in verdicts:
            return Score(None, points)
        if passed + failed:
            return Score(points * passed / (passed + failed), points)
        if result.verdict is Verdict.NOT_APPLICABLE:
            return Score(None, Fraction(0))
        return Score(points if result.verdict is Verdict.PASSED else Fraction(0), points)

    def total(self, outcome: Outcome) -> Score:
        """Return the score of a submission; None is reached where one of its parts is an error."""
        scores = [self.score(outcome, exercise) for exercise in self.exercises]
        most = sum((score.most for score in scores), Fraction(0))
        if not outcome.gradable or all(score.reached is None for score in scores):
            return Score(None, most)
        reached = [score.reached for score in scores if score.reached is not None]
        return Score(sum(reached, Fraction(0)), most)


def result_of(outcome: Outcome, exercise: str) -> ExerciseResult | None:
    """Return the result of an exercise; None where the submission did not come so far."""
    return next((result for result in outcome.exercises if result.id == exercise), None)


def plain(number: Fraction) -> str:
    """Return a number with two decimals at the most."""
    return f"{float(round(number, 2)):.2f}".rstrip("0").rstrip(".")


def points(exercises: Sequence[str], file: Path | None = None) -> dict[str, Fraction]:
    """Return what each exercise is worth: 1, or what a TOML file says: `alter-1 = 2`.

    What learners report of themselves is worth nothing unless the file names it. Raises UsageError.
    """
    own = {id: Fraction(not id.startswith(SELF_REPORTED)) for id in exercises}
    if file is None:
        return own
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}.", _how()) from error
    for id, worth in given.items():
        if id not in own:
            raise UsageError(f"{file} names {id}, which is not judged.", _how())
        if not isinstance(worth, int | float) or not 0 <= worth < 1_000_000:
            raise UsageError(f"{file}: {id} is worth {worth!r}, which is no number.", _how())
        own[id] = Fraction(str(worth))
    return own


def _how() -> str:
    return "A line for each exercise, such as `alter-1 = 2`; what is not named is worth 1."
