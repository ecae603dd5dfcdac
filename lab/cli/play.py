"""Making it happen: play an exercise, show it to others, follow one request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.cli.shared import (
    App,
    Database,
    Folder,
    Id,
    Json,
    Verbose,
    console,
    database,
    launching,
    located,
    notices,
)


def run(
    id: Id,
    folder: Folder = None,
    app: App = None,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="fix-2: keep the rows, change the table.")
    ] = False,
    start: Annotated[
        bool, typer.Option("--start", help="alter-4: only take out what you are to write.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the answer.")] = False,
    predict: Annotated[
        str | None, typer.Option("--predict", metavar="N", help="Your prediction, a number.")
    ] = None,
    no_predict: Annotated[bool, typer.Option("--no-predict", help="Do not ask for one.")] = False,
    database_url: Database = None,
    verbose: Verbose = False,
) -> None:
    """Play an exercise on your workspace: predict, change, observe."""
    from contextlib import ExitStack, closing

    from lab import catalogue, opening
    from lab.play import player
    from lab.remote.lending import Lender
    from lab.view import show_all
    from lab.view.ask import Asking

    exercise = catalogue.load().playable(id)
    screen = console()
    asking = Asking(screen, predict, not no_predict, yes)
    asking.must_fit(exercise.prediction)
    url = database(database_url, [exercise.id])
    with launching() as launcher, ExitStack() as stack:
        lender = None
        if url:
            stack.enter_context(url.hiding())
            lender = stack.enter_context(Lender(url))
        workspace = opening.found_or_created(Path.cwd(), folder, app, launcher)
        notices(workspace)
        events = player.play(
            exercise,
            workspace,
            launcher,
            way="migrate" if migrate else "start" if start else None,
            ask=asking.predict,
            confirm=asking.confirm,
            lender=lender,
        )
        with closing(events):  # where showing it fails, the server ends before its launcher
            show_all(map(url.hidden, events) if url else events, screen, verbose=verbose)


def demo(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
    no_pause: Annotated[bool, typer.Option("--no-pause", help="Do not wait for a key.")] = False,
    verbose: Verbose = False,
) -> None:
    """Show others, on a throw-away copy: persistence, memory, or any exercise."""
    from contextlib import closing

    from lab import catalogue
    from lab.play import demo as demos
    from lab.server.launchers import SubprocessLauncher
    from lab.view import ask, show_all

    story = catalogue.load().showing(name or "persistence")
    screen = console()
    pausing = ask.interactive() and not no_pause
    # As a person would start it by hand: that is what a room should see.
    with launching(SubprocessLauncher) as launcher:
        events = demos.demonstrate(story, launcher)
        pause = (lambda: ask.pause(screen)) if pausing else None
        with closing(events):
            show_all(events, screen, verbose=verbose, pause=pause)


def trace(
    method: Annotated[str, typer.Argument(metavar="METHOD")],
    path: Annotated[str, typer.Argument(metavar="PATH")],
    body: Annotated[str | None, typer.Argument(metavar="[JSON]")] = None,
    folder: Folder = None,
    app: App = None,
    json: Json = False,
) -> None:
    """One request as a timeline: dependency, session, connection, SQL, response."""
    from lab import trace as traces
    from lab.view import trace as view
    from lab.view.console import print_json

    workspace = located(folder, app)
    with launching() as launcher:
        with workspace.locked("lab trace") as held:
            notices(held)
        with console(stderr=True).status("Starting your API"):
            found = traces.trace(workspace, launcher, method, path, body)
    if json:
        print_json(view.as_json(found))
    else:
        view.show(console(), found)
