"""Where a learner stands: each exercise's state from the journal, what is next, the hints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lab import catalogue
from lab.model import NotPossible, Verdict
from lab.workspace.journal import Entry, Journal, Kind
from lab.workspace.workspace import Workspace

OFFER_AFTER = 3  # failed verdicts in a row


class State(StrEnum):
    """How far an exercise has come."""

    NOT_STARTED = "not started"
    BROKEN = "broken"
    TRIED = "tried"
    PASSED = "passed"
    HELPED = "passed with help"


DONE = (State.PASSED, State.HELPED)


@dataclass(frozen=True)
class Place:
    """One exercise and its state."""

    id: str
    title: str
    teaches: str
    state: State


@dataclass(frozen=True)
class Standing:
    """The whole course as one learner stands in it."""

    places: tuple[Place, ...]
    predicted: int = 0
    predicted_right: int = 0
    workspace: bool = True  # False where there is no workspace yet

    @property
    def next(self) -> Place | None:
        """What to do next: what is broken first, else the first that has not passed."""
        open = [place for place in self.places if place.state not in DONE]
        broken = [place for place in open if place.state is State.BROKEN]
        return next(iter(broken + open), None)


@dataclass(frozen=True)
class Hint:
    """One hint, and how many there are."""

    exercise: str
    number: int
    of: int
    text: str


def standing(workspace: Workspace | None, everything: bool = False) -> Standing:
    """Where the learner of a workspace stands; a newcomer where there is none."""
    exercises = catalogue.exercises(everything).values()
    if workspace is None:
        places = [Place(e.id, e.title, e.teaches, State.NOT_STARTED) for e in exercises]
        return Standing(tuple(places), workspace=False)
    entries = workspace.journal.entries()
    predictions = [e for e in entries if e.kind == Kind.PREDICTION and "right" in e.data]
    return Standing(
        tuple(Place(e.id, e.title, e.teaches, state(e.id, entries)) for e in exercises),
        len(predictions),
        sum(bool(entry.data["right"]) for entry in predictions),
    )


def state(id: str, entries: Iterable[Entry]) -> State:
    """The state of an exercise, from the journal's entries, oldest first."""
    found = State.NOT_STARTED
    helped = False
    broken = id.replace("fix-", "break-") if id.startswith("fix-") else None
    for entry in entries:
        if entry.kind == Kind.SYMPTOM and entry.exercise == broken:
            found, helped = State.BROKEN, False
        if entry.exercise != id:
            continue
        if entry.kind == Kind.ASSISTED:
            helped = True
        elif entry.kind == Kind.SYMPTOM:
            found = State.PASSED
        elif entry.kind == Kind.VERDICT:
            found = _after(found, str(entry.data.get("verdict")), id)
    return State.HELPED if found is State.PASSED and helped else found


def _after(before: State, verdict: str, id: str) -> State:
    if verdict == Verdict.PASSED:
        return State.PASSED
    if verdict != Verdict.FAILED or before is State.BROKEN:
        return before
    # A symptom that was seen stays seen, although by now it may be fixed.
    return before if id.startswith("break-") and before is State.PASSED else State.TRIED


def next_hint(workspace: Workspace, id: str | None) -> Hint:
    """One hint more for an exercise, or for the next one; the last again when all were given.

    Raises UsageError for an unknown id, NotPossible where every exercise has passed.
    """
    if id is None:
        place = standing(workspace).next
        if place is None:
            raise NotPossible("Every exercise has passed.", "Name one: `lab hint ID`.")
        id = place.id
    exercise = catalogue.exercise(id)
    number = min(workspace.journal.hints_given(id) + 1, len(exercise.hints))
    workspace.journal.append(Kind.HINT, id, number=number)
    return Hint(id, number, len(exercise.hints), exercise.hints[number - 1])


def hint_offered(journal: Journal, id: str) -> bool:
    """Whether the learner has failed so often in a row that a hint should be offered."""
    return journal.failures_in_a_row(id) >= OFFER_AFTER
