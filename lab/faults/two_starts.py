"""Two processes of one app that start at the same moment, in an order that is chosen.

The first one waits before it makes its first table, between the question which tables there are
and what it does about the answer. The second one starts meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lab.appserver.server import Server
from lab.appserver.timeouts import START_SECONDS
from lab.model import AppFailed

# From when the second one opens the database until it is said to wait for the first one: as long as
# an app may sleep in the hope that all is over then, and less than the 5 s that SQLite waits.
WAITS_SECONDS = 3.0
SLOWER = 2  # times as long as the first one the second one may take until it opens the database


@dataclass(frozen=True)
class TwoStarts:
    """Two processes of one app, both begun; neither is gone on with yet."""

    first: Server
    second: Server
    was_held: bool  # the first one waits before its first table
    came: str  # what the second one has come to meanwhile; "" where it waits for the first

    @property
    def in_order(self) -> tuple[Server, Server]:
        """Both, in the order in which they can go on: who waits for the other one is the last."""
        waits = self.came in ("", "held")
        return (self.first, self.second) if waits else (self.second, self.first)

    def finish(self) -> tuple[AppFailed | None, AppFailed | None]:
        """Go on with both starts: why the first and the second do not serve, None where they do."""
        failures = {server: _failure(server) for server in self.in_order}
        return failures[self.first], failures[self.second]


def _failure(server: Server) -> AppFailed | None:
    try:
        server.start()
    except AppFailed as failure:
        return failure
    return None


@contextmanager
def two_starts(first: Server, *, holds_both: bool = False) -> Iterator[TwoStarts]:
    """Begin to start a server that does not run, and a second process of its app beside it.

    The second one comes as far as it does while the first one waits. With `holds_both` that is no
    further than to its own first table, so that the first one makes it before the second does.
    """
    with first.beside(starts=False) as second:
        began = time.monotonic()
        first.begin(holds=True)
        was_held = first.comes_to(START_SECONDS) == "held"
        seconds = (time.monotonic() - began) * SLOWER + WAITS_SECONDS
        began = time.monotonic()
        second.begin(holds=holds_both)
        came = second.comes_to(seconds, "database")
        if came == "database":
            came = second.comes_to(WAITS_SECONDS)
        for server in (first, second):  # it is the lab that has held the one, and waited
            server.give(time.monotonic() - began)
        yield TwoStarts(first, second, was_held, came)
