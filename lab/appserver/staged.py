"""A server on a throw-away copy of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Unpack

from lab.appserver.launchers import Launcher
from lab.appserver.process import Options
from lab.appserver.server import Server
from lab.appserver.timeouts import Timeouts
from lab.workspace.temporary import scratch
from lab.workspace.workspace import Workspace


@contextmanager
def staged(
    workspace: Workspace,
    launcher: Launcher,
    *,
    databases: bool = True,
    timeouts: Timeouts | None = None,
    **options: Unpack[Options],
) -> Iterator[Server]:
    """Give a server on a copy of the workspace, not started yet; both are gone after the block.

    The copy has the `databases` of the workspace, or none. Raises as Workspace.stage() does.
    """
    with scratch("lab-copy-") as temporary:
        folder = temporary / "app"
        workspace.stage(folder, databases=databases)
        app, todos = workspace.app, workspace.todos
        with Server(folder, launcher, app, todos=todos, timeouts=timeouts, **options) as server:
            yield server
