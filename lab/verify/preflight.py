"""How a workspace's app boots, found out once for all checks of a run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.dbserver.lending import Lender
from lab.model import AppFailed, NoAnswer
from lab.verify.lent_database import lent
from lab.workspace import databases
from lab.workspace.workspace import Workspace


@dataclass(frozen=True)
class Boot:
    """What the first start of an app has shown."""

    app: str | None  # its name, found where nobody gave it
    failure: AppFailed | None  # why it starts neither on a fresh database nor on its own
    needs_own: bool = False  # it works on the workspace's own database only


Known = Callable[[Server], AbstractContextManager[object]]


def boot(
    workspace: Workspace,
    launcher: Launcher,
    folder: Path,
    lender: Lender | None = None,
    known: Known = nullcontext,
) -> Boot:
    """Start the app once, in `folder`, on a database that the `lender` lends if any; say how.

    Checks run on a fresh database, where a table that is out of date cannot spoil the verdict on
    the code. An app whose tables are made by hand works on its own database only. Each server is
    `known` while it is used, so that another thread can end it.
    """
    fresh = _try(workspace, launcher, folder / "fresh", lender, known, own=False)
    if isinstance(fresh, str):
        return Boot(fresh, None)
    if isinstance(fresh, NoAnswer):
        return Boot(workspace.app, fresh)
    own: str | AppFailed | None
    if lender is None and not databases.find(workspace.folder):
        own = fresh  # there is no other database to try
    else:
        own = _try(workspace, launcher, folder / "own", lender, known, own=True)
    if isinstance(own, str):
        return Boot(own, None, needs_own=True)
    # It starts, then, and answers with an error: that is for the checks to say.
    started = fresh is None or own is None
    return Boot(workspace.app, None if started else fresh)


def _try(
    workspace: Workspace,
    launcher: Launcher,
    folder: Path,
    lender: Lender | None,
    known: Known,
    *,
    own: bool,
) -> str | AppFailed | None:
    """The app's name where it lists todos, None where it answers otherwise, else the failure."""
    workspace.stage(folder, databases=own)
    with (
        lent(lender, copied=own) as url,
        Server(folder, launcher, workspace.app, todos=workspace.todos, database_url=url) as server,
        known(server),
    ):
        try:
            server.start()
        except AppFailed as failure:
            return failure
        lists = False
        try:
            lists = server.get("/todos").ok
            if lists:
                server.post("/todos", {"title": "Does it answer?"})
        except NoAnswer as failure:
            return failure  # every check would wait for the same, each as long as it may
        except AppFailed:
            pass  # what ends the process is for the checks to say
        return server.app if lists else None
