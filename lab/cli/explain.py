"""The explain-it questions: asked on the terminal, answered by a script, shown to an instructor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.cli.options import Folder, Json, MaybeId, console, located, tell

if TYPE_CHECKING:
    from rich.console import Console

    from lab.model import ExerciseResult
    from lab.quiz.script import Script
    from lab.scenario.explanation import Explanation
    from lab.workspace.workspace import Workspace


def explain(
    id: MaybeId = None,
    folder: Folder = None,
    answer: Annotated[
        list[str] | None, typer.Option("--answer", metavar="QUESTION=OPTION", help="For scripts.")
    ] = None,
    own_words: Annotated[
        str | None, typer.Option("--own-words", metavar="TEXT", help="Your answer, for scripts.")
    ] = None,
    marks: Annotated[
        str | None, typer.Option("--marks", metavar="1,1,0", help="Your own marks, for scripts.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="All three, as JSON.")
    ] = None,
    show_marks: Annotated[
        bool, typer.Option("--show-marks", help="For instructors: how learners marked themselves.")
    ] = False,
    json: Json = False,
) -> None:
    """Answer the explain-it questions, and explain in your own words."""
    from lab.quiz import script, verdicts
    from lab.terminal import quiz as view
    from lab.terminal.console import print_json
    from lab.workspace import files

    workspace = located(folder)
    if show_marks:
        tell(json, view.marks_json, view.show_marks, verdicts.marks(workspace.journal))
        return
    explanation = verdicts.explanation_of(id) if id else verdicts.next_one(workspace)
    if file:
        given = script.from_json(files.read(file.resolve()).decode("utf-8", "replace"))
        result = _carry_out(given, explanation, workspace, json)
    elif answer or own_words is not None or marks is not None:
        given = script.from_options(answer or [], own_words, marks)
        result = _carry_out(given, explanation, workspace, json)
    elif json:
        print_json(script.listing(explanation))
        return
    else:
        result = _talk(explanation, workspace, review_first=id is None)
    raise typer.Exit(0 if result.verdict == "passed" else 1)


def _carry_out(
    given: Script, explanation: Explanation, workspace: Workspace, json: bool
) -> ExerciseResult:
    """Give the answers of a script, and show what they came to."""
    from lab.quiz import script
    from lab.terminal import quiz as view

    with workspace.locked("lab explain") as held:
        carried = script.carry_out(given, explanation, held)

    def show(screen: Console) -> None:
        for event in carried.events:
            view.show(screen, event)
        _show_end(screen, carried.result, workspace)

    tell(json, lambda: script.as_json(carried), show)
    return carried.result


def _talk(explanation: Explanation, workspace: Workspace, *, review_first: bool) -> ExerciseResult:
    """Ask on the terminal; before that, once more what was predicted and did not come true."""
    from random import Random

    from lab.course import catalogue
    from lab.quiz import review, session
    from lab.terminal import quiz as view

    terminal = view.Terminal(console(), workspace.folder)
    if review_first:
        due = review.review(workspace.journal, catalogue.exercises(everything=True))
        if due:
            view.show_review(console(), len(due))
            review.play_review(due, workspace, terminal, Random())
    view.show_begin(console(), explanation)
    result = session.play(explanation, workspace, terminal, Random())
    _show_end(console(), result, workspace)
    return result


def _show_end(screen: Console, result: ExerciseResult, workspace: Workspace) -> None:
    """Show what the exercise came to and, where it has passed, what is next."""
    from lab.course import progress
    from lab.terminal import course
    from lab.terminal import quiz as view

    view.show_end(screen, result)
    if result.verdict == "passed":
        course.show_next(screen, progress.standing(workspace))
