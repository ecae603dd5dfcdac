"""Making it happen: play an exercise, show it to others, follow one request."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.cli.options import (
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
    located_if_any,
    notices,
    shown,
    tell,
)

if TYPE_CHECKING:
    from lab.scenario import Prediction
    from lab.scenario.events import Event, Listener


BY_LEARNER = ("alter", "fix", "test")  # kinds that have no meaning without a workspace of one's own


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
    json: Json = False,
) -> None:
    """Play an exercise on your workspace: predict, change, observe."""
    from contextlib import ExitStack

    from lab.course import catalogue, init
    from lab.dbserver.provider import ServerDatabases
    from lab.play.demo import as_first_look
    from lab.play.session import play
    from lab.terminal.ask import Asking

    exercise = catalogue.load().playable(id)
    asking = Asking(console(), predict, not no_predict, yes, silent=json)
    asking.must_fit(exercise.prediction)
    url = database(database_url, [exercise.id], json=json)
    with launching() as launcher, ExitStack() as stack:
        provider = None
        if url:
            stack.enter_context(url.hiding())
            provider = stack.enter_context(ServerDatabases(url))
        gathered: list[Event] = []
        listen = _listener(gathered, json, verbose=verbose)
        find = located if exercise.kind in BY_LEARNER else located_if_any
        own = find(folder, app)
        workspace = own or stack.enter_context(init.temporary(launcher))
        notices(workspace)
        if not own:
            listen = as_first_look(exercise.id, listen)
        play(
            exercise,
            workspace,
            launcher,
            (lambda event: listen(url.hidden(event))) if url else listen,
            variant="migrate" if migrate else "start" if start else None,
            ask=asking.predict,
            confirm=asking.confirm,
            provider=provider,
        )
    _tell(json, gathered, id=exercise.id, workspace=str(shown(own)) if own else None)


def demo(
    name: Annotated[str | None, typer.Argument(metavar="NAME")] = None,
    board: Annotated[
        bool, typer.Option("--board", help="In the browser, for a room to look at.")
    ] = False,
    share: Annotated[
        bool, typer.Option("--share", help="And let the phones of this network vote.")
    ] = False,
    export: Annotated[
        Path | None, typer.Option("--export", metavar="FILE.html", help="As one page to keep.")
    ] = None,
    no_pause: Annotated[bool, typer.Option("--no-pause", help="Do not wait for a key.")] = False,
    verbose: Verbose = False,
    json: Json = False,
) -> None:
    """Show others persistence, memory, or any exercise. On a throw-away copy."""
    if board or share or export:
        _on_page(
            name or "persistence",
            live=board or share,
            share=share,
            export=export,
            pauses=not no_pause,
            json=json,
        )
        return
    from contextlib import ExitStack

    from lab.appserver.launchers import SubprocessLauncher
    from lab.course import catalogue
    from lab.play.demo import demonstrate
    from lab.terminal import ask, pages

    name = name or "persistence"
    story = catalogue.load().showing(name)
    gathered: list[Event] = []
    with suppress(pages.Ended), ExitStack() as stack:
        # As a person would start it by hand: that is what a room should see.
        launcher = stack.enter_context(launching(SubprocessLauncher))
        if no_pause or json or not ask.interactive():
            demonstrate(story, launcher, _listener(gathered, json, verbose=verbose))
        else:
            room = stack.enter_context(pages.Pages.opened(console(), verbose=verbose))
            demonstrate(story, launcher, room.show, room.predict)
    _tell(json, gathered, demo=name)


def _on_page(
    name: str, *, live: bool, share: bool, export: Path | None, pauses: bool, json: bool
) -> None:
    """Play a demo for a page: one that a room looks at `live`, one to keep, or both."""
    from contextlib import ExitStack

    from lab.appserver.launchers import SubprocessLauncher
    from lab.board import beats
    from lab.board.export import page
    from lab.board.ring import PageEvent
    from lab.board.show import Left, Show
    from lab.course import catalogue
    from lab.model import UsageError
    from lab.play.demo import demonstrate
    from lab.terminal import board as view
    from lab.workspace.files import cannot_write

    story = catalogue.load().showing(name)
    # Said before the play: at its end a room has waited for it.
    if export and (export.is_dir() or not export.parent.is_dir()):
        raise UsageError(f"{export} cannot be a file.", "Name one in a folder that is there.")
    told: list[PageEvent] = []
    gathered: list[Event] = []
    is_whole = False
    with ExitStack() as stack:
        launcher = stack.enter_context(launching(SubprocessLauncher))
        show = None
        if live:
            show = stack.enter_context(Show(story, pauses=pauses, share=share))
            if not json:
                view.show_url(console(), show.url, show.vote_url)

        def listen(event: Event) -> None:
            gathered.append(event)
            told.append(beats.beat(event, story))
            if show:
                show.listen(event)

        def ask(prediction: Prediction) -> int | None:
            told.append(beats.question(prediction))
            return show.ask(prediction) if show else None

        with suppress(Left):
            demonstrate(story, launcher, listen, ask)
            is_whole = True
            if show and pauses:
                show.end()
    kept = export if is_whole else None
    if kept:
        try:
            kept.write_text(page(story, told), "utf-8", newline="\n")
        except OSError as error:
            raise cannot_write(error, kept) from error
    if json:
        _tell(json, gathered, demo=name)
    else:
        view.show_end(console(), kept)


def trace(
    method: Annotated[str, typer.Argument(metavar="METHOD")],
    path: Annotated[str, typer.Argument(metavar="PATH")],
    body: Annotated[str | None, typer.Argument(metavar="JSON")] = None,
    folder: Folder = None,
    app: App = None,
    json: Json = False,
) -> None:
    """Show one request from inside. Dependency, session, connection, SQL, and response."""
    from lab.course import trace as traces
    from lab.terminal import trace as view

    workspace = located(folder, app)
    with launching() as launcher:
        with workspace.locked("lab trace") as held:
            notices(held)
        with console(stderr=True).status("Starting your API"):
            found = traces.trace(workspace, launcher, method, path, body)
    tell(json, view.as_json, view.show, found)


def _listener(gathered: list[Event], json: bool, *, verbose: bool) -> Listener:
    """Return what shows each event as it comes. With --json they are gathered for the end."""
    from lab.terminal.play import show

    if json:
        return gathered.append
    return lambda event: show(event, console(), verbose=verbose)


def _tell(json: bool, events: list[Event], **about: str | None) -> None:
    """Print the document of a play that has ended; without --json it was shown already."""
    if json:
        from lab.terminal.console import print_json
        from lab.terminal.play import as_json

        print_json({**about, **as_json(events)})
