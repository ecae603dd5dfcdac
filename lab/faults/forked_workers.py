"""Two workers of one app, both forked from a process that has imported it, as some servers do.

What the import has opened, each of them has as well: a connection to a database server, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from lab.appserver.at_once import threads
from lab.appserver.master import Master
from lab.appserver.server import COMMIT, Server
from lab.appserver.timeouts import ANSWER_SECONDS
from lab.model import NotPossible

Held = TypeVar("Held")
Other = TypeVar("Other")
CAN_FORK = hasattr(os, "fork")
NO_FORK = "This system cannot fork a process, so no server on it forks its workers."
WAITS_SECONDS = 5.0  # for one worker, until it is said to wait for what the other one holds


@contextmanager
def forked_workers(first: Server) -> Iterator[Server]:
    """Start the app in two workers, the server itself and the one that is given, one by one.

    Raises AppFailed, and NotPossible where the system has no fork.
    """
    if not CAN_FORK:
        raise NotPossible(NO_FORK, "Do this exercise on Linux or macOS.")
    first.kill()
    launcher = first.launcher
    with closing(Master(first.spec())) as master:
        first.launcher = master
        try:
            first.start()
            with first.beside() as second:
                yield second
        finally:
            first.kill()
            first.launcher = launcher


@dataclass(frozen=True)
class Crossed(Generic[Held, Other]):
    """What came of two requests to two workers, of which one was held while the other was sent."""

    held: Held
    other: Other
    was_held: bool  # at its moment; else it was over before the other one was sent
    waited: bool  # the other one could not finish before the held one went on


def crossed(
    first: Server,
    second: Server,
    held: Callable[[], Held],
    other: Callable[[], Other],
    moment: str = COMMIT,
    seconds: float = WAITS_SECONDS,
) -> Crossed[Held, Other]:
    """Ask the first worker for what is `held` at that moment, and the second meanwhile.

    When the first goes on, all that the second does has come to its end, or it waits for the
    first. Raises what the two raise.
    """
    first.settle()
    events = first.events
    since = len(events)
    events.hold_next(moment, ANSWER_SECONDS, may_block=True)
    with threads(2) as pool:
        asked = pool.submit(held)
        try:
            came = events.wait(ANSWER_SECONDS, lambda e: e["event"] in ("held", "done"), since)
            meanwhile = pool.submit(other)
            waited = not wait([meanwhile], seconds).done
            if not waited:
                second.settle()
        finally:
            events.release()
        was_held = bool(came and came["event"] == "held")
        found = Crossed(asked.result(), meanwhile.result(), was_held, waited and was_held)
    first.settle()
    return found
