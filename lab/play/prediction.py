"""The prediction of one play: asked once, and compared with what was seen."""

from __future__ import annotations

from collections.abc import Callable

from lab import scenario as s
from lab.scenario.events import Predicted
from lab.scenario.observations import Seen
from lab.workspace.journal import Journal, Kind

Ask = Callable[[s.Prediction], int | None]  # the index of a choice; None: no prediction


class Question:
    """What is asked in one play, and what was said. Without `ask`, nothing is asked."""

    def __init__(self, prediction: s.Prediction | None, ask: Ask | None) -> None:
        self.was_asked = False
        self._prediction = prediction
        self._ask = ask
        self._said: int | None = None
        self._waits = False  # for what happens

    def ask(self) -> None:
        """Ask now."""
        self.was_asked = True
        if self._ask and self._prediction:
            self._said = self._ask(self._prediction)
            self._waits = True

    def compared(self, seen: Seen, journal: Journal, exercise: str) -> Predicted | None:
        """Compare what was said with what was seen since; None where nothing waits for that.

        What was said goes into the journal.
        """
        asked = self._prediction
        if not asked or not self._waits:
            return None
        self._waits = False
        texts, said, happened = asked.texts, self._said, asked.happened(seen)
        predicted = Predicted(asked.question, texts, said, happened, asked.why)
        if said is not None:
            journal.append(
                Kind.PREDICTION,
                exercise,
                question=asked.question,
                predicted=texts[said],
                happened=None if happened is None else texts[happened],
                right=predicted.right,
            )
        return predicted
