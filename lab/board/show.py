"""A demo on a board: the same events as in the terminal, a beat at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Self

from lab.board import beats
from lab.board.ring import PageEvent, Ring
from lab.board.site import Action, Refused, Site
from lab.board.vote import Vote, picture
from lab.scenario import Prediction
from lab.scenario.events import Chapter, Event, Predicted


class Left(Exception):
    """Whoever shows the demo has ended it."""


class Show:
    """A page that tells a story while it is played, for as long as the block runs.

    With `pauses`, the play waits after each beat until somebody goes on. With `share`, the phones
    of the local network may vote. Raises UsageError where there is none.
    """

    def __init__(self, story: beats.Story, *, pauses: bool = True, share: bool = False) -> None:
        self._pauses = pauses
        self._ring = Ring()
        self._beats = 0
        self._go = threading.Condition()
        self._gone_on = 0  # to which beat
        self._choice: int | None = None
        self._left = False
        self._asked: Prediction | None = None
        actions: dict[str, Action] = {
            "next": self._next,
            "choose": self._choose,
            "leave": self._leave,
        }
        self._story = story
        self._vote = Vote(self._ring.tell) if share else None
        self.vote_url = self._vote.site.url if self._vote else None
        pictures = {"vote.svg": picture(self.vote_url)} if self.vote_url else {}
        self._site = Site("show.html", self._ring, actions, pictures=pictures)
        self.url = self._site.url
        title = beats.title_of(story)
        self._ring.tell({"kind": "story", "title": title, "vote": self.vote_url})

    def __enter__(self) -> Self:
        self._site.__enter__()
        if self._vote:
            self._vote.site.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._vote:
            self._vote.site.__exit__()
        self._site.__exit__()

    def listen(self, event: Event) -> None:
        """Tell one event of the play, and wait until the room has seen it. Raises Left.

        A chapter is seen with what comes next.
        """
        if self._vote and isinstance(event, Predicted):
            self._vote.answer(event.happened)
        self._tell(beats.beat(event, self._story), pauses=not isinstance(event, Chapter))

    def ask(self, prediction: Prediction) -> int | None:
        """Ask the room; return the index of its choice, None where it makes none. Raises Left."""
        self._choice, self._asked = None, prediction
        if self._vote:
            self._vote.ask(prediction)
        self._tell(beats.question(prediction))
        self._asked = None
        voted = self._vote.close() if self._vote else None
        return self._choice if voted is None else voted

    def end(self) -> None:
        """Say that this was all, and stay until somebody leaves."""
        self._ring.tell({"kind": "end"})
        with suppress(Left):
            self._wait(lambda: False)

    def _tell(self, beat: PageEvent, *, pauses: bool = True) -> None:
        self._ring.tell(beat)
        self._beats += 1
        self._wait(lambda: not (self._pauses and pauses) or self._gone_on >= self._beats)

    def _wait(self, may_go_on: Callable[[], bool]) -> None:
        with self._go:
            while not self._left and not may_go_on():
                self._go.wait(1.0)  # so that Ctrl+C is heard on every system
        if self._left:
            self._ring.tell({"kind": "left"})
            raise Left

    # -- what the page asks for ----------------------------------------------------------------

    def _next(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Go on from the beat that the page has seen: two presses are not two beats."""
        seen = given.get("seen")
        if not isinstance(seen, int):
            raise Refused("From which beat?")
        with self._go:
            self._gone_on = max(self._gone_on, min(seen, self._beats))
            self._go.notify_all()
        return {}

    def _choose(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        choice = given.get("choice")
        asked = self._asked
        if asked is None:
            raise Refused("Nothing is asked now.")
        if not isinstance(choice, int) or not 0 <= choice < len(asked.texts):
            raise Refused("That is none of the choices.")
        self._choice = choice
        self._ring.tell({"kind": "choice", "choice": choice})
        return {}

    def _leave(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._go:
            self._left = True
            self._go.notify_all()
        return {}
