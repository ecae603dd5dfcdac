"""What `lab explain` prints, and how it asks on a terminal."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from lab.model import ExerciseResult, Verdict
from lab.quiz.session import Asked, Chosen, Compare, Event, Lacking, Marked, Running
from lab.quiz.verdicts import Marks
from lab.scenario.explanation import Explanation, Option, Question
from lab.terminal.ask import NO, YES, answer
from lab.workspace.snapshots import ANSWERS

STOP = {"q", "quit", "stop"}
PARTS = {
    "questions_answered": "Questions answered right",
    "own_words": "Your own words",
    "self_marked": "Your own marks",
}


@dataclass(frozen=True)
class Terminal:
    """Asks on a terminal. `q`, or the end of the input, stops; what was answered is kept."""

    console: Console
    folder: Path  # where answers.md lies

    def show(self, event: Event) -> None:
        """Print one event."""
        show(self.console, event)

    def ask(self, asked: Asked) -> int | None:
        """Put a question and return the index of the option that was chosen."""
        show_question(self.console, asked)
        last = len(asked.options)
        while (said := self._input(f"Your answer (1 to {last}, q to stop): ")) is not None:
            if said.isdecimal() and 1 <= int(said) <= last:
                return int(said) - 1
            self.console.print(f"Type a number from 1 to {last}, or q to stop.")
        return None

    def own_words(self, question: str, so_far: str) -> str | None:
        """Take words from the keyboard, or wait until they are written into answers.md."""
        self.console.print()
        self.console.print(Text("In your own words: " + question, "bold"))
        if so_far:
            self.console.print(_indented(so_far))
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        opens = f"to open {ANSWERS} in {editor}" if editor else f"when you have saved {ANSWERS}"
        self.console.print("Two or three sentences. Type them here; an empty line ends them.")
        first = self._input(f"Or press Enter {opens}; q stops.\n> ")
        if first is None:
            return None
        if not first:
            if editor:
                self._edit(editor)
            return ""
        lines = [first]
        while line := self._line("> "):
            lines.append(line)
        return "\n".join(lines)

    def mark(self, point: str) -> bool | None:
        """Ask whether the own words make a point."""
        while (said := self._input(f"  {point}\n  Did you? (y or n, q to stop): ")) is not None:
            if said.lower() in YES | NO:
                return said.lower() in YES
            self.console.print("Type y or n, or q to stop.")
        return None

    def _input(self, prompt: str) -> str | None:
        """One answer, None where it is to stop."""
        said = self._line(prompt)
        return None if said is None or said.lower() in STOP else said

    def _line(self, prompt: str) -> str | None:
        """One line, None at the end of the input."""
        try:
            return answer(self.console, prompt, "What you answered before this is kept.")
        except EOFError:
            self.console.print()
            return None

    def _edit(self, editor: str) -> None:
        try:
            subprocess.run([*shlex.split(editor), str(self.folder / ANSWERS)], check=False)
        except (OSError, ValueError) as error:
            self.console.print(f"{editor} cannot be opened: {error}.", style="yellow")


def show_review(console: Console, predictions: int) -> None:
    """Announce that predictions come back."""
    what = "A prediction of yours" if predictions == 1 else f"{predictions} predictions of yours"
    console.print(f"{what} did not come true. Once more, now that you have seen it:")


def show_begin(console: Console, explanation: Explanation) -> None:
    """Announce an exercise: its task, and that one may stop at any time."""
    console.print()
    console.print(Text.assemble((explanation.id, "bold"), f"  {explanation.title}"))
    console.print(_indented(explanation.task))


def show_end(console: Console, result: ExerciseResult) -> None:
    """Print what an exercise came to: that it has passed, or what is left of it."""
    console.print()
    open = [check for check in result.checks if check.verdict is not Verdict.PASSED]
    if not open and result.verdict is Verdict.PASSED:
        console.print(Text.assemble((result.id, "bold"), ("  passed", "green")))
        if result.note:
            console.print(_indented(result.note))
        return
    console.print(Text.assemble((result.id, "bold"), "  is not done yet. What you did is kept."))
    for check in open:
        console.print(_indented(f"{PARTS.get(check.name, check.says)}: {check.actual}"))
    console.print(f"`lab explain {result.id}` goes on from here.")


def show_question(console: Console, asked: Asked) -> None:
    """Print a question with its code and its options."""
    console.print()
    place = "Once more" if asked.again else f"Question {asked.number} of {asked.of}"
    console.print(Text(place, "dim"))
    console.print(Text(asked.question.text, "bold"))
    if asked.question.code:
        code = asked.question.code.rstrip()
        syntax = Syntax(code, "python", theme="ansi_dark", background_color="default")
        console.print(Padding(syntax, (1, 2, 0, 2), expand=False))
    console.print()
    are_blocks = any("\n" in option.says for option in asked.options)
    for number, option in enumerate(asked.options, 1):
        if are_blocks and number > 1:
            console.print()
        first, *more = option.says.split("\n")
        console.print(_indented(f"{number}  {first}"))
        for line in more:
            console.print(_indented(f"   {line}"))
    console.print()


def show(console: Console, event: Event) -> None:
    """Print one event."""
    match event:
        case Running(question):
            console.print(Text(_runs(question), "dim"))
        case Chosen():
            _show_chosen(console, event)
        case Lacking(lack):
            found = f"Not enough yet: {lack.actual}, and it takes {lack.expected}."
            console.print(Text(found, "yellow"))
            console.print(lack.help)
        case Compare(answer, model_answer, _):
            console.print()
            for title, text in (("You wrote", answer), ("One way to say it", model_answer)):
                console.print(Text(title, "bold"))
                console.print(_indented(text))
                console.print()
            console.print("Yours may say it quite differently. Compare, and mark it yourself:")
        case Marked(rubric, marks):
            console.print(f"You marked {sum(marks)} of {len(rubric)}. It is kept.", style="green")


def show_marks(console: Console, found: Sequence[Marks]) -> None:
    """Print, for an instructor, what was answered and how it was marked."""
    for marks in found:
        console.print(Text.assemble((marks.exercise, "bold"), f"  {marks.asks}"))
        score = f"{marks.first_right} of {marks.questions} right at the first try"
        console.print(f"  {score}, {marks.right} at last, {marks.tries} tries")
        if marks.answer is not None:
            console.print(_indented(marks.answer, 4))
        for point, made in marks.points:
            console.print(Text.assemble("  ", ("yes  " if made else "no   ", "bold"), point))
        console.print()
    if not found:
        console.print("Nothing has been explained in this workspace yet.")


def marks_json(found: Sequence[Marks]) -> dict[str, Any]:
    """Return the marks as the document of `--json`."""
    return {
        "marks": [
            asdict(marks)
            | {"points": [{"says": point, "made": made} for point, made in marks.points]}
            for marks in found
        ],
    }


def _runs(question: Question) -> str:
    if question.requests:
        return f"The lab serves it and sends {', '.join(map(str, question.requests))} ..."
    return "The lab runs it ..."


def _show_chosen(console: Console, chosen: Chosen) -> None:
    if not chosen.is_right:
        console.print(Text("Not this one.", "yellow"))
    else:
        console.print(Text(f"Right. {_measured(chosen.question, chosen.right)}".strip(), "green"))
    if chosen.said:
        console.print(_indented(chosen.said))


def _indented(text: str, spaces: int = 2) -> Padding:
    return Padding(Text(text), (0, spaces), expand=False)


def _measured(question: Question, right: Option) -> str:
    if not question.code:
        return ""
    verb = "It answered" if question.requests else "It printed"
    return f"{verb} {', '.join(right.says.splitlines())}."
