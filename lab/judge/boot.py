"""How a workspace's app boots, found out once for all checks of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.model import AppFailed
from lab.server.launchers import Launcher
from lab.server.server import Server
from lab.workspace.workspace import Workspace


@dataclass(frozen=True)
class Boot:
    """What the first start of an app has shown."""

    app: str | None  # its name, found where nobody gave it
    failure: AppFailed | None  # why it starts neither on a fresh database nor on its own
    needs_own: bool = False  # it works on the workspace's own database only


def boot(workspace: Workspace, launcher: Launcher, folder: Path) -> Boot:
    """Start the app once, in `folder`, and say how.

    Checks run on a fresh database, where a table that is out of date cannot spoil the verdict on
    the code. An app whose tables are made by hand works on its own database only.
    """
    fresh = _try(workspace, launcher, folder / "fresh", databases=False)
    if isinstance(fresh, str):
        return Boot(fresh, None)
    own = _try(workspace, launcher, folder / "own", databases=True)
    if isinstance(own, str):
        return Boot(own, None, needs_own=True)
    # It starts, then, and answers with an error: that is for the checks to say.
    started = fresh is None or own is None
    return Boot(workspace.app, None if started else fresh)


def _try(
    workspace: Workspace, launcher: Launcher, folder: Path, *, databases: bool
) -> str | AppFailed | None:
    """The app's name where it lists todos, None where it only starts, else the failure."""
    workspace.stage(folder, databases=databases)
    with Server(folder, launcher, workspace.app) as server:
        try:
            server.start()
        except AppFailed as failure:
            return failure
        try:
            return server.app if server.get("/todos").ok else None
        except AppFailed:
            return None
