"""One's own API, running."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from lab.cli.options import App, Folder, Json, console, launching, located, notices, shown

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")]
Reload = Annotated[bool, typer.Option("--reload/--no-reload", help="Start anew at every save.")]


def serve(
    folder: Folder = None,
    app: App = None,
    port: Port = 8000,
    reload: Reload = True,
    json: Json = False,
) -> None:
    """Serve your API on its own database, until Ctrl+C. With --json, an event a line."""
    from lab.appserver.served import Served
    from lab.cli import interrupts
    from lab.terminal import serve as view
    from lab.verify.serve import events

    workspace = located(folder, app)
    show = view.show_json if json else view.Screen(console(), shown(workspace), reload).show
    with (
        suppress(KeyboardInterrupt),
        interrupts.heard(),
        workspace.served("lab serve") as held,
        launching() as launcher,
        tempfile.TemporaryDirectory(prefix="lab-serve-") as temporary,
    ):
        notices(held)
        log = Path(temporary) / "app.log"
        with Served(held.folder, launcher, held.app, port=port, log=log) as server:
            for event in events(server, reload=reload):
                show(event)
    if not json:
        view.show_end(console())
