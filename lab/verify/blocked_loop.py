"""One client waits for the database. Is another one, who needs none, answered meanwhile?"""

from __future__ import annotations

from collections.abc import Callable

from lab.appserver.server import LOCK
from lab.model import NotApplicable
from lab.verify.database_use import must_not_lock
from lab.verify.todos import Todos
from lab.workspace.resource import Request

LIST: Request = ("GET", "/todos", None)
NOWHERE: Request = ("GET", "/no-such-path-and-no-database", None)  # a 404 is an answer
TRIES = 2  # to be sure that the server is not just slow
SHORTEST = 0.2  # seconds that a write has to wait, so that somebody can come meanwhile


def is_blocked(todos: Todos, write: Callable[[], Request]) -> bool:
    """Whether nobody is answered while such a write waits for the database's lock.

    What is compared is the order in which the two are answered. Raises NotApplicable where the
    write does not wait, and CheckFailed where the app keeps its database locked.
    """
    for _ in range(TRIES):
        with must_not_lock():
            found = todos.server.interleave(write(), LOCK, NOWHERE)
        if not found.stood or (found.waited and found.held.seconds < SHORTEST):
            raise NotApplicable(
                f"a {found.held.method} that waits while the database is locked",
                "one that is over at once, so that nobody can come meanwhile",
            )
        if not found.waited:
            return False
    return True


def is_shut_out(todos: Todos, write: Callable[[], Request]) -> bool:
    """Whether who asks for the list has to wait for more than the lock, while such a write waits.

    Who has a connection may wait for the lock, too, as where each transaction begins with it. Who
    gets none before the write is over waits for something else: of an app that does not go through
    SQLAlchemy nobody tells.
    """
    for _ in range(TRIES):
        with must_not_lock():
            found = todos.server.interleave(write(), LOCK, LIST)
        pool = [e["request"] for e in found.events if e["event"] in {"checkout", "checkin"}]
        held = [n for n, request in enumerate(pool) if request == found.request]
        other = [n for n, request in enumerate(pool) if request not in (None, found.request)]
        if not (found.stood and found.waited and held and other and held[-1] < other[0]):
            return False
    return True
