"""What the tests of the explain exercises share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lab.model import ExerciseResult
from lab.quiz.session import Asked, Event
from lab.quiz.verdicts import explanations
from lab.scenario.explanation import Question

WORDS = (
    "The class says which columns there are, and every object I make becomes one line of it once "
    "the session has written and committed what I gave to it."
)


EXPLANATIONS = {explanation.id: explanation for explanation in explanations()}
FIRST = EXPLANATIONS["explain-1"]
QUESTIONS = {
    f"{explanation.id}/{question.id}": question
    for explanation in EXPLANATIONS.values()
    for question in explanation.questions
}
WITH_CODE = {name: question for name, question in QUESTIONS.items() if question.code}


def as_declared(question: Question) -> str:
    """In place of a run, where a test is not about running."""
    return question.declared.says


@dataclass
class Learner:
    """A Talk that picks by a rule, and remembers what it was shown."""

    picks: Callable[[Asked], int | None] = lambda asked: asked.options.index(
        asked.question.declared
    )
    words: list[str | None] = field(default_factory=lambda: [WORDS])
    marks: list[bool | None] = field(default_factory=lambda: [True, False, True])
    asked: list[Asked] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def show(self, event: Event) -> None:
        self.events.append(event)

    def ask(self, asked: Asked) -> int | None:
        self.asked.append(asked)
        return self.picks(asked)

    def own_words(self, question: str, so_far: str) -> str | None:
        return self.words.pop(0)

    def mark(self, point: str) -> bool | None:
        return self.marks.pop(0)

    def seen(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


def checks_of(result: ExerciseResult) -> dict[str, str]:
    return {check.name: check.verdict.value for check in result.checks}
