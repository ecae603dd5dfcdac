"""Which submissions have made the same mistake, and each one's own line of it."""

from __future__ import annotations

from dataclasses import dataclass

from lab.grade.outcome import Outcome, Status
from lab.grade.scores import Class, result_of
from lab.model import CheckResult, Verdict


@dataclass(frozen=True)
class Made:
    """One submission in which a mistake was made. `line` is "" where nobody saw one."""

    submission: str
    line: str
    actual: str


@dataclass(frozen=True)
class Mistake:
    """One way in which exercises were failed, by everyone who failed them so."""

    exercises: tuple[str, ...]  # more than one where it has stopped a submission as a whole
    error: str  # the kind of the error that was raised, "" where there was none
    help: str  # what it means and where to look, as the first one was told
    says: tuple[str, ...]  # the sentences of the checks that it fails
    made: tuple[Made, ...]

    @property
    def words(self) -> str:
        """The exercises, what was raised, and what it means, in one line."""
        error = f"{self.error}. " if self.error else ""
        return f"{', '.join(self.exercises)}: {error}{self.help or self.says[0]}"


def mistakes(found: Class) -> list[Mistake]:
    """Return the mistakes, the most common first.

    Two are the same where checks of an exercise were failed by the same kind of error, or, where
    no error was raised, with the same diagnosis. What has stopped a whole submission, such as a
    line that Python cannot read, is one mistake, however many exercises were asked for.
    """
    groups: dict[tuple[str, str, str], list[tuple[Outcome, str, CheckResult]]] = {}
    for outcome in found.outcomes:
        for exercise in found.exercises:
            result = result_of(outcome, exercise)
            for check in result.checks if result else ():
                if check.verdict is Verdict.FAILED:
                    error = _error(check)
                    of = "" if _stopped(outcome, check) else exercise
                    key = (of, error, "" if error else check.help or "")
                    groups.setdefault(key, []).append((outcome, exercise, check))
    made = [
        Mistake(
            tuple(dict.fromkeys(exercise for _, exercise, _ in members)),
            error,
            next((check.help for _, _, check in members if check.help), ""),
            tuple(dict.fromkeys(check.says for _, _, check in members)),
            _made(members),
        )
        for (_, error, _), members in groups.items()
    ]
    return sorted(made, key=lambda m: (-len(m.made), m.exercises, m.error, m.help))


def _stopped(outcome: Outcome, check: CheckResult) -> bool:
    """Whether a check has failed since nothing of the submission could be judged."""
    return outcome.status is not Status.JUDGED and check.actual == outcome.says


def _made(members: list[tuple[Outcome, str, CheckResult]]) -> tuple[Made, ...]:
    """Return each submission once, with a line where any of its checks has one."""
    found: dict[str, Made] = {}
    for outcome, _, check in members:
        name = outcome.submission
        if name not in found or (_line(check) and not found[name].line):
            found[name] = Made(name, _line(check), check.actual or "")
    return tuple(found.values())


def _error(check: CheckResult) -> str:
    crash = check.evidence.crash if check.evidence else None
    return crash.kind if crash else ""


def _line(check: CheckResult) -> str:
    crash = check.evidence.crash if check.evidence else None
    return str(crash.frame) if crash and crash.frame else ""
