"""The explain exercises: questions asked, code really run, own words kept, all of it judged.

Nothing is printed here. Whoever calls brings a Talk, which asks the learner and shows events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol, TypeAlias

from lab.model import ExerciseResult, LabError, NotPossible, Verdict
from lab.quiz import answers, snippets
from lab.quiz.verdicts import judged, recorded, standing
from lab.scenario.explanation import Explanation, Option, Question
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace

Run = Callable[[Question], str]  # a question with code -> what the code printed or answered


@dataclass(frozen=True)
class Asked:
    """A question as it is put to the learner, its options in a new order.

    It is the `number`-th of `of`, or asked `again` after a wrong choice.
    """

    exercise: str
    question: Question
    options: tuple[Option, ...]
    number: int
    of: int
    again: bool = False


@dataclass(frozen=True)
class Running:
    """The code of a question starts to run."""

    question: Question


@dataclass(frozen=True)
class Chosen:
    """A choice, and what was right. `output` is None where there was no code to run."""

    exercise: str
    question: Question
    option: Option
    right: Option
    output: str | None = None

    @property
    def is_right(self) -> bool:
        """Whether the choice was the right one."""
        return self.option == self.right

    @property
    def said(self) -> str:
        """What to tell: the reason, or the idea behind a wrong choice; "" where none fits."""
        if not self.is_right:
            return self.option.mistaken
        # Where a run has surprised the author too, the written reason would be wrong.
        return self.question.why if self.right == self.question.declared else ""


@dataclass(frozen=True)
class Lacking:
    """The own words do not say enough yet."""

    lack: answers.Lack


@dataclass(frozen=True)
class Compare:
    """The own words pass. Here is the model answer to compare them with."""

    answer: str
    model_answer: str
    rubric: tuple[str, ...]


@dataclass(frozen=True)
class Marked:
    """What the learner has marked, point by point."""

    rubric: tuple[str, ...]
    marks: tuple[bool, ...]


Event: TypeAlias = Running | Chosen | Lacking | Compare | Marked


class Talk(Protocol):
    """How the learner is asked and told: a terminal, a script, a test."""

    def show(self, event: Event) -> None:
        """Tell what happened."""

    def ask(self, asked: Asked) -> int | None:
        """Return the index of an option, None to stop here."""

    def own_words(self, question: str, so_far: str) -> str | None:
        """Return words to add to answers.md, "" to look into it again, None to stop here."""

    def mark(self, point: str) -> bool | None:
        """Return whether the own words make this point, None to stop here."""


def play(
    explanation: Explanation,
    workspace: Workspace,
    talk: Talk,
    random: Random,
    run: Run = snippets.output,
) -> ExerciseResult:
    """Go through an exercise from where the learner left it, and return its result.

    What is answered right is not asked again, until all has passed: then it is practice.
    Raises NotPossible for a read-only folder, LabError where a run fits no option, CannotWrite.
    """
    must_keep(workspace)
    talking = _ask_all(explanation, workspace, talk, random, run)
    if talking and _written(explanation, workspace, talk):
        compare(explanation, workspace, talk.show, talk.mark)
    return recorded(workspace, explanation)


def must_keep(workspace: Workspace) -> None:
    """Raise NotPossible where answers cannot be kept."""
    if workspace.is_read_only:
        raise NotPossible(
            f"{workspace.folder} is no workspace, so your answers cannot be kept there.",
            "Make a workspace: `lab init`.",
        )


def put(exercise: str, question: Question, random: Random, number: int, of: int) -> Asked:
    """Return the question with its options shuffled, the `number`-th of `of` that are open."""
    options = tuple(random.sample(question.options, len(question.options)))
    return Asked(exercise, question, options, min(number, of), of, again=number > of)


def choose(
    exercise: str,
    question: Question,
    option: Option,
    workspace: Workspace,
    show: Callable[[Event], None],
    run: Run = snippets.output,
) -> Chosen:
    """Find out what is right, running the question's code, and keep and show what was chosen.

    Raises LabError where the run fits none of the options: then nothing is kept.
    """
    output = None
    right = question.declared
    if question.code:
        show(Running(question))
        output = run(question)
        right = _right(question, output)
    chosen = Chosen(exercise, question, option, right, output)
    workspace.journal.append(
        Kind.ANSWER,
        exercise,
        question=question.id,
        chosen=option.key,
        right=chosen.is_right,
        output=output,
    )
    show(chosen)
    return chosen


def compare(
    explanation: Explanation,
    workspace: Workspace,
    show: Callable[[Event], None],
    mark: Callable[[str], bool | None],
) -> None:
    """Show the model answer, and let the learner mark their own unless it is marked already."""
    answer = answers.read(workspace.folder, explanation)
    show(Compare(answer, explanation.model_answer, explanation.rubric))
    kept = standing(workspace.journal, explanation).marked
    if kept and kept.data.get("answer") == answer:
        return
    marks = []
    for point in explanation.rubric:
        made = mark(point)
        if made is None:
            return
        marks.append(made)
    workspace.journal.append(
        Kind.ANSWER, explanation.id, points=explanation.rubric, marks=marks, answer=answer
    )
    show(Marked(explanation.rubric, tuple(marks)))


def _right(question: Question, output: str) -> Option:
    right = question.saying(output)
    if right is None:
        raise LabError(
            f"The question {question.id} has no option for what its code came to here: {output!r}.",
            "This is an error of the lab, not yours, and nothing was counted. `lab doctor` shows "
            "the versions to report.",
        )
    return right


def _ask_all(
    explanation: Explanation, workspace: Workspace, talk: Talk, random: Random, run: Run
) -> bool:
    """Ask until each question was answered right; whether the learner went through with it."""
    right = standing(workspace.journal, explanation).right
    open = [question for question in explanation.questions if question.id not in right]
    if judged(workspace, explanation).verdict is Verdict.PASSED:
        open = list(explanation.questions)
    random.shuffle(open)
    of, number = len(open), 0
    while open:
        question = open.pop(0)
        number += 1
        asked = put(explanation.id, question, random, number, of)
        index = talk.ask(asked)
        if index is None:
            return False
        option = asked.options[index]
        if not choose(explanation.id, question, option, workspace, talk.show, run).is_right:
            open.append(question)
    return True


def _written(explanation: Explanation, workspace: Workspace, talk: Talk) -> bool:
    """Ask for the own words until they say enough; whether they do."""
    while True:
        answer = answers.read(workspace.folder, explanation)
        lack = answers.lack(explanation, answer)
        if lack is None:
            return True
        if answer:
            talk.show(Lacking(lack))
        words = talk.own_words(explanation.asks, answer)
        if words is None:
            return False
        answers.add(workspace.folder, explanation, words)
