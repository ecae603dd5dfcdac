"""The course's "Mastery check": what it asks for, and what shows that a learner can do it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab.model import ExerciseResult, Verdict
from lab.workspace.journal import Entry, Journal, Kind

# You can move on when you can ...
SENTENCES = (
    (
        "say what a SQLAlchemy model is for, what a Pydantic schema is for, and why both",
        "explain-3",
    ),
    ("say what Depends() does for an endpoint, and what that is good for", "explain-2"),
    ("take a new column through every layer, from the table to the answer", "alter-1"),
    ("lose the database under a running server, and get the API going again", "fix-1"),
)


@dataclass(frozen=True)
class Sentence:
    """One sentence of the mastery check, and what shows whether it holds."""

    says: str
    exercise: str
    verdict: Verdict
    since: Entry | None = None  # the first verdict of those that have passed without a break
    helped: bool = False  # the lab has done the exercise in the learner's place

    @property
    def holds(self) -> bool:
        """Whether the exercise behind it has passed."""
        return self.verdict is Verdict.PASSED


def sentences(journal: Journal, results: Iterable[ExerciseResult]) -> tuple[Sentence, ...]:
    """Return the four sentences in the light of a whole track's results. Raises Unreadable."""
    verdicts = {result.id: result.verdict for result in results}
    return tuple(
        Sentence(
            says,
            id,
            verdicts.get(id, Verdict.NOT_STARTED),
            _since(journal, id),
            journal.assisted(id),
        )
        for says, id in SENTENCES
    )


def _since(journal: Journal, id: str) -> Entry | None:
    since = None
    for entry in journal.entries(Kind.VERDICT, id):
        if entry.data.get("verdict") == Verdict.PASSED:
            since = since or entry
        elif entry.data.get("verdict") == Verdict.FAILED:
            since = None
    return since
