"""What a check stands on: a copy of the workspace, as a server that it starts itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.appserver.timeouts import Patience
from lab.dbserver.lending import Lender
from lab.verify.lent_database import lent
from lab.verify.todos import Todos
from lab.workspace.workspace import Workspace

CHECK_SECONDS = 18.0  # of the 20 that a check may take; the rest is for ending processes


@contextmanager
def standing(
    workspace: Workspace,
    launcher: Launcher,
    folder: Path,
    *,
    databases: bool,
    lender: Lender | None = None,
    patience: Patience | None = None,
) -> Iterator[Todos]:
    """A server on a new copy of the workspace in `folder`, with its databases or without.

    It is not started yet, and ends with the block. With a `lender` its database is a new one on
    a database server, or a copy of the one that the lender's URL names.
    """
    workspace.stage(folder, databases=databases)
    with (
        lent(lender, copied=databases) as url,
        Server(
            folder,
            launcher,
            workspace.app,
            todos=workspace.todos,
            seconds=CHECK_SECONDS,
            database_url=url,
            patience=patience,
        ) as server,
    ):
        yield Todos(server)
