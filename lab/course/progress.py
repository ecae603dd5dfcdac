"""Where a learner stands: each exercise's state from the journal, what is next, the hints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lab.course import catalogue
from lab.model import NotPossible, Verdict
from lab.scenario import FILE, Database, Exercise
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


class Track(StrEnum):
    """The documented course, and what lies beyond it."""

    COURSE = "the course"
    MORE = "more"


DONE = (State.PASSED, State.HELPED)


@dataclass(frozen=True)
class Place:
    """One exercise and its state."""

    id: str
    title: str
    teaches: str
    state: State
    track: Track = Track.COURSE
    servers: tuple[Database, ...] = ()  # of which it needs one; none where a file will do


@dataclass(frozen=True)
class Standing:
    """The whole course as one learner stands in it."""

    places: tuple[Place, ...]
    predicted: int = 0
    predicted_right: int = 0
    workspace: bool = True  # False where there is no workspace yet
    at: str | None = None  # the exercise that the learner is at, begun and not passed yet

    @property
    def next(self) -> Place | None:
        """What to do next: what is broken first, else the first that has not passed.

        The course comes before what is beyond it.
        """
        open = [place for place in self.places if place.state not in DONE]
        open.sort(key=lambda place: place.track is not Track.COURSE)
        broken = [place for place in open if place.state is State.BROKEN]
        return next(iter(broken + open), None)


@dataclass(frozen=True)
class Hint:
    """One hint, and how many there are. `seen` is what the latest verdict failed on, in words."""

    exercise: str
    number: int
    of: int
    text: str
    seen: str | None = None


def standing(workspace: Workspace | None, everything: bool = False) -> Standing:
    """Where the learner of a workspace stands; a newcomer where there is none."""
    entries = workspace.journal.entries() if workspace else ()
    predictions = [e for e in entries if e.kind == Kind.PREDICTION and "right" in e.data]
    places = tuple(_place(entry, entries) for entry in catalogue.exercises(everything).values())
    return Standing(
        places,
        len(predictions),
        sum(bool(entry.data["right"]) for entry in predictions),
        workspace is not None,
        _at(places, entries),
    )


def place(workspace: Workspace | None, id: str) -> Place:
    """Where the learner stands with one exercise. Raises UsageError for an unknown id."""
    return _place(catalogue.exercise(id), workspace.journal.entries() if workspace else ())


def _place(entry: catalogue.Entry, entries: Iterable[Entry]) -> Place:
    further = isinstance(entry, Exercise) and entry.more
    track = Track.MORE if further else Track.COURSE
    databases = entry.databases if isinstance(entry, Exercise) else FILE
    servers = () if FILE[0] in databases else databases
    return Place(entry.id, entry.title, entry.teaches, state(entry.id, entries), track, servers)


def _at(places: Iterable[Place], entries: Iterable[Entry]) -> str | None:
    """The exercise that the learner was at last, unless it has passed."""
    open = {place.id for place in places if place.state in (State.TRIED, State.BROKEN)}
    at = None
    for entry in entries:
        id = entry.exercise or ""
        if entry.kind == Kind.SYMPTOM:
            id = id.replace("break-", "fix-")
        if id in open and not entry.data.get("overview"):
            at = id
    return at


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
            found = _after(found, entry.data, id)
    return State.HELPED if found is State.PASSED and helped else found


def _after(before: State, data: Mapping[str, Any], id: str) -> State:
    verdict = data.get("verdict")
    if verdict == Verdict.PASSED:
        return State.PASSED
    if verdict != Verdict.FAILED or before is State.BROKEN:
        return before
    # Who only asks how the whole course stands has not tried each exercise of it.
    if before is State.NOT_STARTED and data.get("overview"):
        return before
    # A symptom that was seen stays seen, although by now it may be fixed.
    return before if id.startswith("break-") and before is State.PASSED else State.TRIED


def exercise(workspace: Workspace | None, id: str) -> catalogue.Entry:
    """The exercise with the paths that the workspace's app has. Raises UsageError."""
    found = catalogue.exercise(id)
    if workspace is None:
        return found
    say = workspace.resource.in_words
    first, second, third = found.hints
    return replace(found, task=say(found.task), hints=(say(first), say(second), say(third)))


def next_hint(workspace: Workspace, id: str | None) -> Hint:
    """One hint more for an exercise; the last again when all were given.

    Without an id for the one that the learner is at, else for the next one.
    Raises UsageError for an unknown id, NotPossible where every exercise has passed.
    """
    if id is None:
        now = standing(workspace)
        id = now.at or (now.next.id if now.next else None)
    if id is None:
        raise NotPossible("Every exercise has passed.", "Name one: `lab hint ID`.")
    asked = exercise(workspace, id)
    number = min(workspace.journal.hints_given(asked.id) + 1, len(asked.hints))
    workspace.journal.append(Kind.HINT, asked.id, number=number)
    seen = _seen(workspace.journal, asked.id)
    return Hint(asked.id, number, len(asked.hints), asked.hints[number - 1], seen)


def _seen(journal: Journal, id: str) -> str | None:
    """What the latest verdict said to what it saw, where it was a failure."""
    last = journal.last_verdict(id)
    help = last.data.get("help") if last and last.data.get("verdict") == Verdict.FAILED else None
    return help if isinstance(help, str) else None


def hint_offered(journal: Journal, id: str) -> bool:
    """Whether a hint should be offered: failed again and again, and not all hints were given."""
    left = journal.hints_given(id) < len(catalogue.exercise(id).hints)
    return left and journal.failures_in_a_row(id) >= OFFER_AFTER
