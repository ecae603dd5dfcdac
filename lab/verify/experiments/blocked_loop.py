"""One client waits for the database. Is another one, who needs none, answered meanwhile?"""

from __future__ import annotations

from collections.abc import Callable

from lab.appserver.server import LOCK, READ, Interleaved
from lab.model import NotApplicable
from lab.verify.database_use import must_not_lock
from lab.verify.todos import Todos
from lab.workspace.operations import Request

LIST: Request = ("GET", "/todos", None)
NOWHERE: Request = ("GET", "/no-such-path-and-no-database", None)  # a 404 is an answer
TRIES = 2  # to be sure that the server is not just slow
SHORTEST = 0.2  # seconds that a write has to wait, so that somebody can come meanwhile


def is_blocked(todos: Todos, write: Callable[[], Request]) -> bool:
    """Whether nobody is answered while such a write waits for the database's lock.

    What is compared is the order in which the two are answered. Raises NotApplicable where the
    write does not wait, and CheckFailed where the app keeps its database locked.
    """
    return all(_while_it_waits(todos, write(), NOWHERE).waited for _ in range(TRIES))


def is_blocked_by_a_reader(todos: Todos, write: Callable[[], Request]) -> bool:
    """Whether nobody is answered while such a write waits for a reader, before its COMMIT.

    Raises as is_blocked() does: NotApplicable also with a write-ahead log, where nobody waits.
    """
    return all(_while_it_waits(todos, write(), NOWHERE, READ).waited for _ in range(TRIES))


def is_shut_out(todos: Todos, write: Callable[[], Request], read: Request = LIST) -> bool:
    """Whether who reads has to wait for more than the lock, while such a write waits.

    Who has a connection may wait for the lock, too, as where each transaction begins with it. Who
    gets none before the write is over waits for something else: of an app that does not go through
    SQLAlchemy nobody tells. Raises as is_blocked() does.
    """
    return all(_comes_after(_while_it_waits(todos, write(), read)) for _ in range(TRIES))


def _while_it_waits(
    todos: Todos, write: Request, other: Request, moment: str = LOCK
) -> Interleaved:
    with must_not_lock():
        found = todos.server.interleave(write, moment, other)
    if not found.stood or (found.waited and found.held.seconds < SHORTEST):
        raise NotApplicable(
            f"a {found.held.method} that waits while the database is locked",
            "one that is over at once, so that nobody can come meanwhile",
        )
    return found


def _comes_after(found: Interleaved) -> bool:
    """Whether the other request got a connection only when the held one had given back its own.

    In a thread of the app's own nobody knows whose request it is: then each comes after another.
    """
    pool = [e for e in found.events if e["event"] in {"checkout", "checkin"}]
    if found.request is None:
        names = [event["event"] for event in pool]
        return found.waited and len(names) > 2 and "checkout" not in names[1::2]
    held = [n for n, event in enumerate(pool) if event["request"] == found.request]
    other = [n for n, event in enumerate(pool) if event["request"] not in (None, found.request)]
    return found.waited and bool(held and other) and held[-1] < other[0]
