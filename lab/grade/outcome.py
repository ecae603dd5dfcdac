"""What came of judging one submission, as a value that travels as one line of JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from pydantic import TypeAdapter

from lab.model import ExerciseResult, Verdict


class Status(StrEnum):
    """How far it came."""

    JUDGED = "judged"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    NO_APP = "no_app"
    SYNTAX_ERROR = "syntax_error"
    DOES_NOT_START = "does_not_start"
    NOT_APPLICABLE = "not_applicable"
    STOPPED = "stopped"  # it took too long, or ended what judges it
    ERROR = "error"  # the lab or the machine is at fault


@dataclass(frozen=True)
class Prediction:
    """What a learner says that they expected, and whether it came so. From their own journal."""

    exercise: str
    said: str
    right: bool


@dataclass(frozen=True)
class Outcome:
    """One submission, judged."""

    submission: str
    digest: str
    status: Status
    says: str = ""  # why it was not judged as it should be; "" where it was
    app: str | None = None
    wall: str = ""
    seconds: float = 0.0
    exercises: tuple[ExerciseResult, ...] = ()
    predictions: tuple[Prediction, ...] = ()

    @property
    def gradable(self) -> bool:
        """Whether there is a score: an error is never the learner's, and never a 0."""
        verdicts = {exercise.verdict for exercise in self.exercises}
        return self.status is not Status.ERROR and Verdict.ERROR not in verdicts


_OUTCOME = TypeAdapter(Outcome)


def to_line(outcome: Outcome) -> bytes:
    """Return the outcome as one line of JSON, "?" in the place of what is no character."""
    found = _OUTCOME.dump_python(outcome, mode="json")
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def from_line(line: bytes) -> Outcome:
    """Return the outcome that a line holds. Raises ValueError where it holds none."""
    return _OUTCOME.validate_json(line)
