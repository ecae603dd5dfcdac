"""Where a learner stands: each exercise's state from the journal, what is next, the hints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from lab.course import catalogue
from lab.model import NotPossible, UsageError, Verdict
from lab.scenario import FILE, TOPICS, Database, Exercise, Topic
from lab.workspace.journal import Entry, Journal, Kind
from lab.workspace.workspace import Workspace

OFFER_AFTER = 3  # failed verdicts in a row
EXPLAIN_MINUTES = 10


class State(StrEnum):
    """How far an exercise has come."""

    NOT_STARTED = "not started"
    BROKEN = "broken"
    TRIED = "tried"
    SEEN = "seen"  # a break that the lab has played
    PASSED = "passed"
    HELPED = "passed with help"


BEGUN = (State.TRIED, State.BROKEN)
DONE = (State.SEEN, State.PASSED, State.HELPED)


@dataclass(frozen=True)
class Place:
    """One exercise and its state."""

    id: str
    title: str
    teaches: str
    state: State
    servers: tuple[Database, ...] = ()  # of which it needs one; none where a file will do
    topic: Topic | None = None  # of what is beyond the course
    minutes: int = EXPLAIN_MINUTES  # that it takes, about


@dataclass(frozen=True)
class Standing:
    """The whole course as one learner stands in it."""

    places: tuple[Place, ...]
    predicted: int = 0
    predicted_right: int = 0
    workspace: bool = True  # False where there is no workspace yet
    at: str | None = None  # the exercise that the learner is at, begun and not passed yet
    more: int = 0  # exercises beyond the course that are not among these places

    @property
    def next(self) -> Place | None:
        """What to do next: what is broken first, else the first that has not passed.

        The course comes before what is beyond it.
        """
        open = [place for place in self.places if place.state not in DONE]
        open.sort(key=lambda place: place.topic is not None)
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


def standing(
    workspace: Workspace | None, everything: bool = False, topic: str | None = None
) -> Standing:
    """Where the learner of a workspace stands; a newcomer where there is none.

    Of the further exercises, those that were begun are always there; those of a `topic` are alone.
    Raises UsageError for a topic that does not exist.
    """
    if topic is not None and topic not in TOPICS:
        raise UsageError(f"There is no topic {topic!r}.", f"One of {', '.join(TOPICS)}.")
    entries = workspace.journal.entries() if workspace else ()
    predictions = [e for e in entries if e.kind == Kind.PREDICTION and "right" in e.data]
    every = [_place(entry, entries) for entry in catalogue.exercises(everything=True).values()]
    if topic:
        places = tuple(place for place in every if place.topic == topic)
    else:
        places = tuple(p for p in every if everything or p.topic is None or p.state in BEGUN)
    return Standing(
        places,
        len(predictions),
        sum(bool(entry.data["right"]) for entry in predictions),
        workspace is not None,
        _at(places, entries),
        0 if topic else len(every) - len(places),
    )


def place(workspace: Workspace | None, id: str) -> Place:
    """Where the learner stands with one exercise. Raises UsageError for an unknown id."""
    return _place(catalogue.exercise(id), workspace.journal.entries() if workspace else ())


def _place(entry: catalogue.Entry, entries: Iterable[Entry]) -> Place:
    found = Place(entry.id, entry.title, entry.teaches, state(entry.id, entries))
    if not isinstance(entry, Exercise):
        return found
    return replace(
        found,
        servers=() if FILE[0] in entry.databases else entry.databases,
        topic=entry.topic,
        minutes=entry.minutes,
    )


def _at(places: Iterable[Place], entries: Iterable[Entry]) -> str | None:
    """Return the exercise that the learner was at last, unless it has passed."""
    open = {place.id for place in places if place.state in BEGUN}
    at = None
    for entry in entries:
        id = entry.exercise or ""
        if entry.kind == Kind.SYMPTOM:
            id = id.replace("break-", "fix-")
        if id in open and not entry.data.get("overview"):
            at = id
    return at


def state(id: str, entries: Iterable[Entry]) -> State:
    """Return the state of an exercise, from the journal's entries, oldest first."""
    found = State.NOT_STARTED
    helped = False
    broken = id.replace("fix-", "break-") if id.startswith("fix-") else None
    before: list[tuple[str, State]] = []  # what it was at the time of each entry
    for entry in entries:
        if entry.kind == Kind.SYMPTOM and entry.exercise == broken:
            found, helped = State.BROKEN, False
        elif entry.kind == Kind.WENT_BACK:
            found = _back(found, before, str(entry.data.get("to")))
        elif entry.exercise == id and entry.kind == Kind.ASSISTED:
            helped = True
        elif entry.exercise == id:
            found = _after(found, entry)
        before.append((entry.at, found))
    return State.HELPED if found is State.PASSED and helped else found


def _back(now: State, before: Sequence[tuple[str, State]], to: str) -> State:
    """Return the state once the workspace is as it was at a moment: what has passed stays so."""
    then = next((found for at, found in reversed(before) if at <= to), State.NOT_STARTED)
    return then if State.BROKEN in (now, then) else now


def _after(before: State, entry: Entry) -> State:
    """Return the state of an exercise after an entry of its own."""
    if entry.kind == Kind.SYMPTOM:
        return State.PASSED if before is State.PASSED else State.SEEN
    verdict = entry.data.get("verdict")
    if entry.kind != Kind.VERDICT or verdict not in (Verdict.PASSED, Verdict.FAILED):
        return before
    if verdict == Verdict.PASSED:
        return State.PASSED
    # Who only asks how the whole course stands has not tried each exercise of it, a symptom that
    # was seen stays seen although by now it may be mended, and what is broken stays so.
    looked_at = before is State.NOT_STARTED and entry.data.get("overview")
    is_seen = before in DONE and entry.exercise and entry.exercise.startswith("break-")
    return before if looked_at or is_seen or before is State.BROKEN else State.TRIED


def exercise(workspace: Workspace | None, id: str) -> catalogue.Entry:
    """Return the exercise with the paths that the workspace's app has. Raises UsageError."""
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
    """Return what the latest verdict said to what it saw, where it was a failure."""
    last = journal.last_verdict(id)
    help = last.data.get("help") if last and last.data.get("verdict") == Verdict.FAILED else None
    return help if isinstance(help, str) else None


def hint_offered(journal: Journal, id: str) -> bool:
    """Whether a hint should be offered: failed again and again, and not all hints were given."""
    left = journal.hints_given(id) < len(catalogue.exercise(id).hints)
    return left and journal.failures_in_a_row(id) >= OFFER_AFTER
