"""Judging: verdicts, and verdicts at every save."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import typer

from lab.cli.options import (
    All,
    App,
    Database,
    Folder,
    Ids,
    Json,
    MaybeId,
    TodosPath,
    Verbose,
    console,
    database,
    launching,
    located,
    notices,
    shown,
    tell,
)

if TYPE_CHECKING:
    from rich.console import Console


def verify(
    ids: Ids = None,
    folder: Folder = None,
    app: App = None,
    todos: TodosPath = None,
    verbose: Verbose = False,
    everything: All = False,
    database_url: Database = None,
    json: Json = False,
) -> NoReturn:
    """Judge exercises; without an id, whether you can move on."""
    from lab.course import catalogue
    from lab.terminal import verdict
    from lab.verify import verdicts

    asked = [catalogue.exercise(id).id for id in ids or []]
    workspace = located(folder, app).with_todos(todos)
    url = database(database_url, asked, json=json)
    with workspace.locked("lab verify") as held, launching() as launcher:
        notices(held)
        with verdict.progress(console(stderr=True)) as progress:
            if url:
                from lab.verify import on_dbserver

                with url.hiding():
                    report = on_dbserver.verify(held, asked, launcher, url, progress)
            else:
                track = list(catalogue.exercises(everything))
                report = verdicts.verify(held, asked, track, launcher, progress, thorough=verbose)

    def show(screen: Console) -> None:
        verdict.show_report(screen, report, verbose)
        if asked and not workspace.is_read_only:
            verdict.show_after(screen, workspace, report)

    tell(json, lambda: verdict.as_json(report, shown(held)), show)
    raise typer.Exit(report.exit_code)


def watch(id: MaybeId = None, folder: Folder = None, app: App = None, json: Json = False) -> None:
    """Judge again at every save, and show the verdict in place.

    With --json each verdict, or what stands in its way, is one document in a line of its own.
    """
    from lab.cli import interrupts
    from lab.course import catalogue, progress
    from lab.model import UsageError
    from lab.terminal import watch

    asked = catalogue.exercise(id).id if id else None
    workspace = located(folder, app)
    if asked and progress.place(workspace, asked).servers:
        raise UsageError(
            f"{asked} is judged on a database server, and `lab watch` judges on files.",
            f"After a save: `lab verify {asked} --database-url URL`.",
        )
    notices(workspace)
    with suppress(KeyboardInterrupt), launching() as launcher, interrupts.heard():
        if json:
            watch.follow(workspace, launcher, asked, shown(workspace))
        else:
            watch.run(console(), workspace, launcher, asked)
    if not json:
        watch.show_end(console())
