"""A class that is judged, as a page fills in: who is where, and which mistake is how common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from lab.board.ring import PageEvent, Ring
from lab.board.site import Site
from lab.grade.mistakes import mistakes
from lab.grade.outcome import Outcome
from lab.grade.scores import Class, result_of

LONGEST = 300  # characters of what a mistake means


class ClassView:
    """A page about so many submissions, for as long as the block runs. Its URL has its token."""

    def __init__(self, exercises: tuple[str, ...], submissions: int) -> None:
        self._exercises = exercises
        self._ring = Ring()
        self._site = Site("class.html", self._ring, {})
        self.url = self._site.url
        self._ring.tell({"kind": "class", "exercises": exercises, "count": submissions})

    def __enter__(self) -> Self:
        self._site.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._site.__exit__()

    def show(self, outcomes: Iterable[Outcome]) -> None:
        """Tell the pages what came of these submissions. From any thread."""
        self._ring.tell(*map(self._told, outcomes))

    def _told(self, outcome: Outcome) -> PageEvent:
        made = mistakes(Class(self._exercises, (outcome,), {}))
        results = [result_of(outcome, exercise) for exercise in self._exercises]
        return {
            "kind": "outcome",
            "name": outcome.submission,
            "status": outcome.status,
            "verdicts": [result.verdict if result else None for result in results],
            "mistakes": [mistake.words[:LONGEST] for mistake in made],
        }
