"""Spaced review: a prediction that was missed comes back, later and later, until it sticks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from lab.quiz.session import Chosen, Talk, choose, must_keep, put
from lab.scenario import Exercise
from lab.scenario.explanation import Explanation, Option, Question
from lab.workspace.journal import Entry, Journal, Kind
from lab.workspace.workspace import Workspace

# How long to wait after that many right answers in a row; after the last one it has stuck.
WAITS = (timedelta(), timedelta(days=1), timedelta(days=3))
ID = "prediction"


@dataclass(frozen=True)
class Missed:
    """A prediction that was missed and is due again. What is right was seen in the play."""

    exercise: str
    question: Question


def review(
    journal: Journal, exercises: Mapping[str, Exercise | Explanation], now: datetime | None = None
) -> tuple[Missed, ...]:
    """Return the missed predictions that are due, the longest waiting first.

    What is right is what the journal has last seen happen on this machine. One whose question has
    changed since, or of which nothing came true, is left out. Raises Unreadable.
    """
    now = now or datetime.now(UTC)
    due = []
    for id, exercise in exercises.items():
        entries = [entry for entry in journal.entries(exercise=id) if _tells(entry)]
        since, right_in_a_row = _streak(entries)
        if since is None or right_in_a_row >= len(WAITS) or now - since < WAITS[right_in_a_row]:
            continue
        if isinstance(exercise, Exercise) and (question := _question(exercise, entries)):
            due.append((since, Missed(id, question)))
    return tuple(missed for _, missed in sorted(due, key=lambda one: one[0]))


def play_review(
    due: Iterable[Missed], workspace: Workspace, talk: Talk, random: Random
) -> tuple[Chosen, ...]:
    """Ask each of them once and return the choices, fewer where the learner stops.

    Raises NotPossible for a read-only folder, CannotWrite.
    """
    must_keep(workspace)
    due = tuple(due)
    done: list[Chosen] = []
    for number, missed in enumerate(due, 1):
        asked = put(missed.exercise, missed.question, random, number, len(due))
        index = talk.ask(asked)
        if index is None:
            break
        option = asked.options[index]
        done.append(choose(missed.exercise, missed.question, option, workspace, talk.show))
    return tuple(done)


def _tells(entry: Entry) -> bool:
    """Whether an entry is a prediction or a review of one."""
    kinds = {Kind.PREDICTION, Kind.ANSWER}
    is_review = entry.kind == Kind.PREDICTION or entry.data.get("question") == ID
    return entry.kind in kinds and is_review and isinstance(entry.data.get("right"), bool)


def _streak(entries: Iterable[Entry]) -> tuple[datetime | None, int]:
    """When it was last asked, None where never missed, and how often it was right since."""
    since = None
    in_a_row = 0
    for entry in entries:
        in_a_row = in_a_row + 1 if entry.data["right"] else 0
        if since is not None or not entry.data["right"]:
            since = _moment(entry.at)
    return since, in_a_row


def _moment(at: str) -> datetime:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:  # a line that somebody has edited
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _question(exercise: Exercise, entries: Iterable[Entry]) -> Question | None:
    prediction = exercise.prediction
    seen = [entry.data for entry in entries if entry.kind == Kind.PREDICTION]
    if prediction is None or not seen or seen[-1].get("question") != prediction.question:
        return None
    happened = seen[-1].get("happened")
    if happened not in prediction.texts:
        return None
    return Question(
        ID,
        prediction.question,
        tuple(
            Option(
                str(number),
                text,
                "" if text == happened else f"What happened was: {happened}. {prediction.why}",
            )
            for number, text in enumerate(prediction.texts, 1)
        ),
        prediction.why,
    )
