"""A workspace in which every documented exercise is solved, made by the lab's own commands."""

from __future__ import annotations

from pathlib import Path

from timing import lab, run

from lab.quiz.script import Script, carry_out
from lab.quiz.verdicts import explanations
from lab.workspace.workspace import Workspace

ALTERED = ("alter-1", "alter-2", "alter-3")
MENDED = ("1", "2", "3")
WORDS = (
    "The class says which columns there are, and every object I make becomes one line of it once "
    "the session has written and committed what I gave to it."
)


def make(folder: Path) -> Path:
    """Make the workspace below a folder and return its place. Raises Failed."""
    place = folder / "solved"
    run(lab("init", str(place)), folder)
    for id in ALTERED:
        run(lab("run", id, "--yes", "--no-predict"), place)
    for number in MENDED:
        run(lab("run", f"break-{number}", "--no-predict"), place)
        migrate = ["--migrate"] if number == "2" else []
        run(lab("run", f"fix-{number}", "--no-predict", *migrate), place)
    workspace = Workspace.open(place)
    for explanation in explanations():
        answers = {question.id: question.declared.key for question in explanation.questions}
        carry_out(Script(answers, WORDS, (True, True, True)), explanation, workspace)
    run(lab("verify"), place)
    return place
