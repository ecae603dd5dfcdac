"""A running server that checks use one after the other, each on the database of its start."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path

from lab.appserver.probe_events import checked_out
from lab.appserver.server import Server
from lab.dbserver.baseline import baseline
from lab.model import LabError
from lab.workspace.private_copy import explaining, until

WAIT = 0.5  # seconds for a database that is locked; one that is at rest is not


class SharedServer:
    """A server for one check at a time. Raises AppFailed where the app does not start.

    `used` tells whether others had it before, so that what fails may be theirs; `usable`, whether
    the next may have it.
    """

    def __init__(self, opening: AbstractContextManager[Server], collect: bool) -> None:
        self.used = False
        self.usable = True
        with ExitStack() as stack:
            self.server = stack.enter_context(opening)
            self.server.collect = collect
            self.server.start()
            # Beside the folder: in it, the copies would be databases of the app's.
            place = self.server.folder.parent
            self._as_started = {
                path: place / f"as-started-{number}"
                for number, path in enumerate(self.server.databases())
                if path.is_file()
            }
            try:
                for path, copy in self._as_started.items():
                    _fill(copy, path)
            except LabError:  # the app keeps it locked, say: nobody else can have this server
                self._as_started = {}
            url = self.server.database_url
            self._on_dbserver = stack.enter_context(baseline(url)) if url else None
            self._stack = stack.pop_all()

    def close(self) -> None:
        """End the server."""
        self._stack.close()

    def is_clean(self) -> bool:
        """Whether nothing is left of its use but what can be taken back, as far as is known.

        Not so where an app keeps its todos in no file, holds on to a connection, or has failed.
        """
        server = self.server
        return (
            self.usable
            and server.running
            and bool(self._on_dbserver.has_tables if self._on_dbserver else self._as_started)
            and self._as_started.keys() == set(server.databases())
            and all(exchange.status < 500 for exchange in server.exchanges)
            and server.settle()
            and not checked_out(server.events.all())
        )

    def hand_over(self, seconds: float) -> bool:
        """Bring the databases back to what they were at the start, for a use of that length.

        Returns False where that cannot be done.
        """
        try:
            for path, copy in self._as_started.items():
                if not self.server.holds(path):
                    return False  # by now it is a link: what it leads to is not the app's
                _fill(path, copy)
            if self._on_dbserver and not self._on_dbserver.restore():
                return False
        except (LabError, OSError):  # it is locked, say, or has just gone
            return False
        self.used = True
        self.server.begin_anew(seconds)
        return True


def _fill(target: Path, source: Path) -> None:
    """Give a database the content of another, in one transaction that whoever has it open sees.

    Raises NotADatabase, DatabaseLocked, CannotWrite.
    """
    with (
        explaining(target),
        closing(sqlite3.connect(source)) as read,
        closing(sqlite3.connect(target)) as written,
    ):
        written.execute("PRAGMA synchronous=OFF")  # no power cut is survived, and none has to be
        read.backup(written, progress=until(WAIT, target), sleep=0.002)
