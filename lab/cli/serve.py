"""One's own API, running."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Annotated

import typer

from lab.cli.options import App, Folder, Json, console, launching, located, notices, shown

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")]
Board = Annotated[bool, typer.Option("--board/--no-board", help="A page of what happens.")]
Reload = Annotated[bool, typer.Option("--reload/--no-reload", help="Start anew at every save.")]


def serve(
    folder: Folder = None,
    app: App = None,
    port: Port = 8000,
    reload: Reload = True,
    board: Board = True,
    json: Json = False,
) -> None:
    """Serve your API on its own database, until Ctrl+C. With --json, an event a line."""
    from lab.appserver.served import Served
    from lab.board.live import LiveBoard
    from lab.cli import interrupts
    from lab.terminal import serve as view
    from lab.watch.serving import Orders, events

    workspace = located(folder, app)
    with (
        suppress(KeyboardInterrupt),
        interrupts.heard(),
        workspace.served("lab serve") as held,
        launching() as launcher,
        tempfile.TemporaryDirectory(prefix="lab-serve-") as temporary,
        ExitStack() as stack,
    ):
        notices(held)
        log = Path(temporary) / "app.log"
        server = Served(held.folder, launcher, held.app, port=port, log=log)
        orders = Orders(held)
        # The server ends before the board, some of whose requests may still wait for an answer.
        page = stack.enter_context(LiveBoard(server, held, orders)) if board else None
        stack.enter_context(server)
        url = page.url if page else None
        screen = view.Screen(console(), shown(workspace), reload, url)
        for event in events(server, reload=reload, orders=orders):
            if page:
                page.show(event)
            view.show_json(event, url) if json else screen.show(event)
    if not json:
        view.show_end(console())
