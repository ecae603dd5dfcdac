"""What an explain exercise declares: its questions, its texts and what to mark. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lab.scenario import Request

POINTS = 3  # a rubric has so many


@dataclass(frozen=True)
class Option:
    """One answer to choose.

    Where the question has code, `says` is exactly what that code would print or answer.
    `mistaken` is told to who chose it and was wrong: it names the idea behind the choice.
    """

    key: str
    says: str
    mistaken: str = ""


@dataclass(frozen=True)
class Question:
    """A question with options. With `code`, the lab runs it, and the run decides what is right.

    Without code, the right option is the one that has nothing mistaken. With `requests`, the
    code is an `app.py` that is served, and what counts is the answer to the last of them.
    Raises ValueError where the options cannot be told apart, or not exactly one is right.
    """

    id: str
    text: str
    options: tuple[Option, ...]
    why: str  # shown with the right option
    code: str = ""
    requests: tuple[Request, ...] = ()

    def __post_init__(self) -> None:
        for part in ("key", "says"):
            values = {getattr(option, part) for option in self.options}
            if len(values) != len(self.options):
                raise ValueError(f"{self.id}: two options with the same {part}")
        right = [option for option in self.options if not option.mistaken]
        if len(self.options) < 3 or len(right) != 1:
            raise ValueError(f"{self.id}: at least three options, one of them without `mistaken`")

    @property
    def declared(self) -> Option:
        """The option that is right without a run, and expected to be right after one."""
        return next(option for option in self.options if not option.mistaken)

    def option(self, key: str) -> Option | None:
        """Return the option of that key; None where there is none."""
        return next((option for option in self.options if option.key == key), None)

    def saying(self, output: str) -> Option | None:
        """Return the option that stands for this output; None where none does."""
        return next((option for option in self.options if option.says == output), None)


@dataclass(frozen=True)
class Explanation:
    """One explain exercise. `id` and `number` are given by the catalogue.

    `asks` is what the learner answers in their own words, in `answers.md`.
    """

    title: str
    teaches: str
    task: str
    hints: tuple[str, str, str]
    source: str  # the course note, and what it calls the question
    asks: str
    questions: tuple[Question, ...]
    model_answer: str
    rubric: tuple[str, str, str]
    id: str = ""
    number: int = 0
    kind: Literal["explain"] = "explain"

    def question(self, id: str) -> Question | None:
        """Return the question of that id; None where there is none."""
        return next((question for question in self.questions if question.id == id), None)
