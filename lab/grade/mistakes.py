"""Which submissions have made the same mistake, and each one's own line of it."""

from __future__ import annotations

from dataclasses import dataclass

from lab.grade.outcome import Outcome
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
    """One way in which a check was failed, by everyone who failed it so."""

    exercise: str
    says: str  # the check's own sentence
    what: str  # what tells this way from others: the error that was raised, or the diagnosis
    expected: str
    help: str
    made: tuple[Made, ...]


def mistakes(found: Class) -> list[Mistake]:
    """Return the mistakes, the most common first.

    Two are the same where the same check was failed by the same kind of error, or, where no error
    was raised, with the same diagnosis.
    """
    groups: dict[tuple[str, str, str], list[tuple[Outcome, CheckResult]]] = {}
    for outcome in found.outcomes:
        for exercise in found.exercises:
            result = result_of(outcome, exercise)
            for check in result.checks if result else ():
                if check.verdict is Verdict.FAILED:
                    groups.setdefault((exercise, check.name, _what(check)), []).append(
                        (outcome, check)
                    )
    made = [
        Mistake(
            exercise,
            members[0][1].says,
            what,
            members[0][1].expected or "",
            members[0][1].help or "",
            tuple(Made(o.submission, _line(check), check.actual or "") for o, check in members),
        )
        for (exercise, _, what), members in groups.items()
    ]
    return sorted(made, key=lambda m: (-len(m.made), m.exercise, m.says, m.what))


def _what(check: CheckResult) -> str:
    crash = check.evidence.crash if check.evidence else None
    return crash.kind if crash else check.help or ""


def _line(check: CheckResult) -> str:
    crash = check.evidence.crash if check.evidence else None
    return str(crash.frame) if crash and crash.frame else ""
