"""Servers for checks, each on a copy of the workspace and a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from lab.appserver.database_provider import DatabaseProvider
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.appserver.staged import staged
from lab.appserver.timeouts import CHECK_SECONDS, Timeouts
from lab.verify.shared_server import SharedServer
from lab.workspace.workspace import Workspace


class StagedServers:
    """Gives servers on copies of one workspace, to several threads at once."""

    def __init__(
        self, workspace: Workspace, launcher: Launcher, databases: DatabaseProvider
    ) -> None:
        self.workspace = workspace
        self._launcher = launcher
        self._databases = databases
        self._timeouts = Timeouts()
        self._in_use: set[Server] = set()
        self._idle: dict[bool, list[SharedServer]] = {True: [], False: []}  # by what they collect
        self._aborted = False

    @contextmanager
    def server(self, *, own: bool) -> Iterator[Server]:
        """Give a server that is not started yet; it ends, and its folder goes, with the block.

        With `own` its app finds a copy of the workspace's own database, else none or an empty one.
        """
        with (
            self._databases.database(own=own) as url,
            staged(
                self.workspace,
                self._launcher,
                databases=own,
                seconds=CHECK_SECONDS,
                database_url=url,
                timeouts=self._timeouts,
            ) as server,
        ):
            self._in_use.add(server)
            if self._aborted:  # since: abort() has not seen this one
                server.abort()
            try:
                yield server
            finally:
                self._in_use.discard(server)

    @contextmanager
    def running(self, *, collect: bool = True) -> Iterator[SharedServer]:
        """Give a server that runs on an empty database: one that others have had, or a new one.

        It goes on to the next where it is clean after the block. Raises AppFailed.
        """
        idle = self._idle[collect]
        shared = self._left_by_others(idle) or SharedServer(self.server(own=False), collect)
        try:
            yield shared
        except BaseException:
            shared.close()
            raise
        if not self._aborted and shared.is_clean():
            idle.append(shared)
        else:
            shared.close()

    def _left_by_others(self, idle: list[SharedServer]) -> SharedServer | None:
        while idle:
            with suppress(IndexError):  # another thread has just taken it
                shared = idle.pop()
                if shared.hand_over(CHECK_SECONDS) and not self._aborted:
                    return shared
                shared.close()
        return None

    def wait_anew(self) -> None:
        """Wait for the next servers as if none had left a request unanswered."""
        self._timeouts = Timeouts()

    def close(self) -> None:
        """End the servers that nobody uses any more."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    def abort(self) -> None:
        """End every server at once, those to come as well: whatever uses one fails."""
        self._aborted = True
        for server in list(self._in_use):
            server.abort()
