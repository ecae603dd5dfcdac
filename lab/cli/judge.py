"""Judging: verdicts, and verdicts at every save."""

from __future__ import annotations

from typing import NoReturn

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
