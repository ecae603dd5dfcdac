"""Two workers that are forked once the app is imported: what a check makes of them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager

from lab.answers import Title, Todo, many_in
from lab.appserver.at_once import threads
from lab.appserver.tables import rows_of
from lab.faults.forked_workers import CAN_FORK, NO_FORK, crossed, forked_workers
from lab.model import CheckFailed, NoAnswer, NotApplicable
from lab.verify.todos import Todos, seen

WRITES = 120  # so many that two who share a connection are in each other's way, each time
# A list that comes in several parts is one of which each of two who read may get some.
LONG = ", and on it goes" * 4  # within the hundred characters that a title may always have
WRITE_SECONDS = 6.0  # of those that a check has: a new connection for each request takes its time
HELP = (
    "Both workers have what your code has opened before they were forked. Who else sends "
    "statements where this one sends its own?"
)


@contextmanager
def two_workers(todos: Todos) -> Iterator[tuple[Todos, Todos]]:
    """Give two workers of the app, forked from one process that has imported it.

    Raises AppFailed, and NotApplicable where the system has no fork.
    """
    if not CAN_FORK:
        raise NotApplicable("a system on which a server can fork its workers", NO_FORK)
    with forked_workers(todos.server) as second:
        yield todos, Todos(second)


def does_spoil(one: Todos, other: Todos) -> bool:
    """Whether a worker spoils what another one has begun to write, or reads meanwhile."""
    try:
        must_keep(one, other)
        must_answer_at_once(one, other)
    except (CheckFailed, NoAnswer):
        return True
    return False


def must_keep(one: Todos, other: Todos) -> None:
    """Raise CheckFailed where a worker spoils, or sees, what another one has begun to write."""
    title = Title("made at one of two workers")
    found = crossed(
        one.server,
        other.server,
        lambda: one.server.post("/todos", {"title": title}),
        lambda: (rows_of(other.server), other.server.get("/todos")),
    )
    answer, (rows, listing) = found.held, found.other
    # Where each statement is committed by itself, everybody sees it by now.
    is_open = found.was_held and rows and not any(title in row for row in rows.rows)
    if not answer.ok:
        actual = f"POST /todos: {seen(answer)}"
    elif not one.present([one.made(answer)]):
        actual = "POST /todos was answered 2xx, and the todo is gone"
    elif is_open and any(todo.get("title") == title for todo in many_in(listing.json) or []):
        actual = "the other one lists the todo before the COMMIT"
    else:
        return
    raise CheckFailed(
        expected="what one worker makes is there after its COMMIT, and not before it, also where "
        "the other one lists the todos meanwhile",
        actual=actual,
        help=HELP,
    )


def must_answer_at_once(one: Todos, other: Todos) -> None:
    """Raise CheckFailed where one worker writes, the other one lists, and one of them fails."""
    for worker in (one, other):
        worker.all()
    try:
        with threads(1) as pool:
            writing = pool.submit(_write, one)
            while not writing.done():
                other.all()
            made = writing.result()
        one.server.settle()
    except CheckFailed as failed:
        raise CheckFailed(
            expected="while one worker writes, and the other one lists, every request is answered",
            actual=failed.actual,
            help=HELP,
        ) from failed
    lost = len(made) - len(other.present(made))
    if lost:
        raise CheckFailed(
            expected=f"both workers have the {len(made)} todos that one of them has made",
            actual=f"the other one lacks {lost} of them",
            help=HELP,
        )


def _write(one: Todos) -> list[Todo]:
    until = time.monotonic() + WRITE_SECONDS
    numbers = itertools.takewhile(lambda _: time.monotonic() < until, range(WRITES))
    made = []
    for number in numbers:
        made.append(one.create(f"todo {number} of one worker{LONG}"))
        one.all()  # where both have but one connection to read through, it is in use twice
    return made
