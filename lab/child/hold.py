"""Holds one request where the lab wants it, so that another one can go through meanwhile.

Or a start, before it makes its first table in a SQLite file.

A request waits in the hook that SQLAlchemy calls at that moment: in its thread of the pool, or
with an await where SQLAlchemy itself runs on the event loop. A sync session in an `async def`
endpoint cannot be held, and need not be: it holds the event loop, so nothing comes in between.
Where it is another process that comes in between, it is held all the same, and its loop with it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

WRITE, COMMIT = "write", "commit"  # before the first statement that writes, before the COMMIT
READ_BACK = "read_back"  # before the first statement after the COMMIT
TABLE = "table"  # before the first table is made, in a request as in a start
# Each with whether all that the process serves may wait, and not that request alone.
ORDERS = {
    b"w": (WRITE, False),
    b"c": (COMMIT, False),
    b"C": (COMMIT, True),
    b"r": (READ_BACK, False),
    b"T": (TABLE, True),
}
RELEASE = b"g"
LONGEST = 30.0  # seconds that a request is held, should nobody release it
WRITING = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Hold:
    """What one server process does with the order to hold its next request."""

    def __init__(self, send: Callable[..., None], request: Callable[[], int | None]) -> None:
        self._send = send
        self._request = request
        self._moment: str | None = None
        self._may_block = False
        self._held: int | None = None
        self._committed: int | None = None
        self._released = threading.Event()
        self._holds_start = False

    def hold_start(self) -> None:
        """Hold this process before it makes its first table."""
        self._holds_start = True

    def watch(self, connection: sqlite3.Connection) -> None:
        """Be told of the statements of a new connection, where a start is to be held."""
        if self._holds_start:
            connection.set_trace_callback(self._before_statement)

    def _before_statement(self, sql: str) -> None:
        # SQLite calls this before it takes a lock for the statement, and waits for its return.
        if self._holds_start and sql.upper().split(None, 2)[:2] == ["CREATE", "TABLE"]:
            self._holds_start = False
            self._send("held", request=None, can_wait=True)
            self._released.wait(LONGEST)

    def arm(self, moment: str, may_block: bool) -> None:
        """Hold the next request that comes to this moment; with it, if need be, the event loop."""
        self._released.clear()
        self._held = self._committed = None
        self._holds_start = moment == TABLE
        self._moment = moment
        self._may_block = may_block
        self._send("armed")

    def release(self) -> None:
        """Let the held one go on, or what has not come there yet."""
        self._holds_start = False
        self._released.set()

    def before_sql(self, sql: str) -> None:
        """Tell of a statement that is about to be sent."""
        if self._moment and sql.lstrip().upper().startswith(WRITING):
            self._reached(WRITE)
        elif self._moment == READ_BACK and self._request() == self._committed:
            self._reached(READ_BACK)  # where that is no request at all, nothing is held

    def before_commit(self) -> None:
        """Tell of a COMMIT that is about to be sent."""
        if self._moment:
            self._reached(COMMIT)
            self._committed = self._committed or self._request()

    def _reached(self, moment: str) -> None:
        request = self._request()
        if request is None or request == self._held:
            return
        if moment != self._moment or self._held is not None:
            self._send("reached", request=request, moment=moment)
            return
        self._held = request
        wait = _way_to_wait() or (_blocking if self._may_block else None)
        self._send("held", request=request, can_wait=wait is not None)
        if wait:
            wait(self._released)


def _blocking(event: threading.Event) -> None:
    event.wait(LONGEST)


def _way_to_wait() -> Callable[[threading.Event], Any] | None:
    """Return what waits here without keeping other requests from being served."""
    from sqlalchemy.util import await_only
    from sqlalchemy.util.concurrency import in_greenlet

    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:  # a thread of the pool
        return _blocking
    if not in_greenlet():
        return None
    return lambda event: await_only(loop.run_in_executor(None, event.wait, LONGEST))
