"""Questions on the terminal: a prediction, an agreement, a key. Never without a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from lab.model import UsageError
from lab.scenario import Prediction

YES, NO = {"y", "yes"}, {"n", "no"}


def interactive() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@dataclass(frozen=True)
class Asking:
    """How the questions of one command are answered."""

    console: Console
    given: str | None = None  # what --predict says
    predicts: bool = True
    agrees: bool = False  # --yes
    silent: bool = False  # --json: nobody is asked, and nothing is printed

    def must_fit(self, prediction: Prediction | None) -> None:
        """Raise UsageError where --predict names none of the choices."""
        choices = len(prediction.texts) if prediction else 0
        if self.given is not None and self._chosen(self.given, choices) is None:
            raise UsageError(
                f"--predict {self.given} is none of the choices.",
                f"Give a number from 1 to {choices}.",
            )

    def predict(self, prediction: Prediction) -> int | None:
        """Return the index of the learner's choice; None where nobody predicts.

        Raises UsageError where --predict names no choice.
        """
        choices = len(prediction.texts)
        if self.given is not None:
            self.must_fit(prediction)
            if not self.silent:
                self._show(prediction)
                self.console.print(f"Your prediction: {self.given}")
            return self._chosen(self.given, choices)
        if not (self.predicts and self._asks):
            return None
        self._show(prediction)
        prompt = f"Your prediction (1 to {choices}, or Enter for none): "
        while said := answer(self.console, prompt):
            chosen = self._chosen(said, choices)
            if chosen is not None:
                return chosen
            self.console.print(f"Type a number from 1 to {choices}, or only Enter.")
        return None

    def _show(self, prediction: Prediction) -> None:
        self.console.print()
        self.console.print(Text(prediction.question, "bold"))
        for number, text in enumerate(prediction.texts, 1):
            self.console.print(f"  {number}  {text}")

    @staticmethod
    def _chosen(said: str, choices: int) -> int | None:
        return int(said) - 1 if said.isdecimal() and 1 <= int(said) <= choices else None

    @property
    def confirm(self) -> Callable[[str], bool] | None:
        """Asks for agreement; None where nobody can be asked."""
        if self.agrees:
            return lambda question: True
        return self._confirm if self._asks else None

    @property
    def _asks(self) -> bool:
        return interactive() and not self.silent

    def _confirm(self, question: str) -> bool:
        while said := answer(self.console, f"{question} [y/N] ").lower():
            if said in YES | NO:
                return said in YES
            self.console.print("Type y for yes, n or only Enter for no.")
        return False


def answer(console: Console, prompt: str, kept: str = "Nothing was changed.") -> str:
    """Ask for one line. Ctrl+C ends the command, and it is said what that leaves behind."""
    try:
        return console.input(Text(prompt)).strip()
    except KeyboardInterrupt:
        console.print()
        console.print(kept)
        raise
