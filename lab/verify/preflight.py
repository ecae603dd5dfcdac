"""How a workspace's app boots, found out once for all checks of a run."""

from __future__ import annotations

from dataclasses import dataclass

from lab.appserver.server import Server
from lab.model import AppFailed, NoAnswer
from lab.verify.staged_server import StagedServers
from lab.workspace import databases


@dataclass(frozen=True)
class Boot:
    """What the first start of an app has shown."""

    app: str | None  # its name, found where nobody gave it
    failure: AppFailed | None = None  # why it starts neither on an empty database nor on its own
    needs_own: bool = False  # it works on the workspace's own database only

    @property
    def needs_nothing(self) -> bool:
        """Whether it works on an empty database."""
        return self.failure is None and not self.needs_own


def boot(servers: StagedServers) -> Boot:
    """Start the app once and say how it boots. Raises LabError where nothing can be started.

    Checks run on an empty database, where a table that is out of date cannot spoil the verdict on
    the code. An app whose tables are made by hand works on its own database only.
    """
    app = servers.workspace.app
    with servers.server(own=False) as server:
        empty = _tried(server)
    if empty.lists:
        return Boot(empty.app)
    if isinstance(empty.failure, NoAnswer):
        return Boot(app, empty.failure)  # every check would wait for the same, as long as it may
    with servers.server(own=True) as server:
        has_own = server.database_url or databases.find(server.folder)
        own = _tried(server) if has_own else empty
    if own.lists:
        return Boot(own.app, needs_own=True)
    # Where it starts, and answers with an error, that is for the checks to say.
    started = empty.failure is None or own.failure is None
    return Boot(app, None if started else empty.failure)


@dataclass(frozen=True)
class _Try:
    app: str | None
    failure: AppFailed | None = None
    lists: bool = False


def _tried(server: Server) -> _Try:
    """Start the server, and ask it for its todos and for one more."""
    try:
        server.start()
    except AppFailed as failure:
        return _Try(server.app, failure)
    lists = False
    try:
        lists = server.get("/todos").ok
        if lists:
            server.post("/todos", {"title": "Does it answer?"})
    except NoAnswer as failure:
        return _Try(server.app, failure)
    except AppFailed:
        pass  # what ends the process is for the checks to say
    return _Try(server.app, lists=lists)
