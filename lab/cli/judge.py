"""Judging: verdicts, verdicts at every save, and the explain-it questions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from lab.cli.shared import (
    All,
    App,
    Database,
    Folder,
    Ids,
    Json,
    MaybeId,
    Verbose,
    console,
    database,
    launching,
    located,
    notices,
    shown,
)


def verify(
    ids: Ids = None,
    folder: Folder = None,
    app: App = None,
    verbose: Verbose = False,
    everything: All = False,
    database_url: Database = None,
    json: Json = False,
) -> NoReturn:
    """Judge exercises; without an id, whether you can move on."""
    from lab import catalogue
    from lab.judge import course, on_server
    from lab.view import after, verdict
    from lab.view.console import print_json

    asked = [catalogue.exercise(id).id for id in ids or []]
    workspace = located(folder, app)
    url = database(database_url, asked)
    with workspace.locked("lab verify") as held, launching() as launcher:
        notices(held)
        with verdict.progress(console(stderr=True)) as progress:
            if url:
                with url.hiding():
                    report = on_server.verify(held, asked, launcher, url, progress)
            else:
                track = list(catalogue.exercises(everything))
                report = course.verify(held, asked, track, launcher, progress, thorough=verbose)
    if json:
        print_json(verdict.as_json(report, shown(held)))
    else:
        verdict.show_report(console(), report, verbose)
        if asked and not workspace.is_bare:
            after.show_after(console(), workspace, report)
    raise typer.Exit(report.exit_code)


def watch(id: MaybeId = None, folder: Folder = None, app: App = None) -> None:
    """Judge again at every save, and show the verdict in place."""
    from lab import catalogue
    from lab.view import watching

    asked = catalogue.exercise(id).id if id else None
    workspace = located(folder, app)
    notices(workspace)
    with launching() as launcher:
        watching.run(console(), workspace, launcher, asked)


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
    """The explain-it questions, and your own words."""
    from random import Random

    from lab import catalogue, progress
    from lab.explain import review, script, talk, verdicts
    from lab.view import course
    from lab.view import explain as view
    from lab.view.console import print_json
    from lab.workspace import files

    workspace = located(folder)
    if show_marks:
        marked = verdicts.marks(workspace.journal)
        print_json(view.marks_json(marked)) if json else view.show_marks(console(), marked)
        return
    explanation = verdicts.explanation_of(id) if id else verdicts.next_one(workspace)
    if answer or own_words is not None or marks is not None or file:
        given = script.from_options(answer or [], own_words, marks)
        if file:
            given = script.from_json(files.read(file).decode("utf-8", "replace"))
        with workspace.locked("lab explain") as held:
            carried = script.carry_out(given, explanation, held)
        if json:
            print_json(script.as_json(carried))
        else:
            for event in carried.events:
                view.show(console(), event)
        result = carried.result
    elif json:
        print_json(script.listing(explanation))
        return
    else:
        terminal = view.Terminal(console(), workspace.folder)
        due = () if id else review.review(workspace.journal, catalogue.exercises(everything=True))
        if due:
            view.show_review(console(), len(due))
            review.play_review(due, workspace, terminal, Random())
        view.show_begin(console(), explanation)
        result = talk.play(explanation, workspace, terminal, Random())
    if not json:
        view.show_end(console(), result)
        if result.verdict == "passed":
            course.show_next(console(), progress.standing(workspace))
    raise typer.Exit(0 if result.verdict == "passed" else 1)
