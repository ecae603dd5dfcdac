"""Two processes of one app that start at once in an empty folder: what a check makes of them."""

from __future__ import annotations

from contextlib import AbstractContextManager

from lab.appserver.server import TABLE
from lab.faults.forked_workers import crossed
from lab.faults.two_starts import WAITS_SECONDS, TwoStarts, two_starts
from lab.model import CheckFailed, Evidence, TookTooLong
from lab.verify.result import log_of_failure
from lab.verify.todos import Todos


def begun_at_once(todos: Todos, *, holds_both: bool = False) -> AbstractContextManager[TwoStarts]:
    """Give two starts of the app, the first held before its first table, or both of them."""
    return two_starts(todos.server, holds_both=holds_both)


def must_serve(starts: TwoStarts) -> None:
    """Go on with both starts. Raise CheckFailed where one of them does not come to serve."""
    failures = starts.finish()
    for failure, name in zip(failures, ("first", "second"), strict=True):
        if isinstance(failure, TookTooLong):
            raise failure
        if failure:
            raise CheckFailed(
                expected="of two processes that start at the same moment, both come to serve",
                actual=f"the {name} one does not: {failure.crash or failure.message}",
                help="Both have asked which tables there are, and one was quicker. What does the "
                "other one do with an answer that is not true any more?"
                if starts.was_held
                else failure.remedy,
                shown=Evidence(log=log_of_failure(failure, starts.first), crash=failure.crash),
            )


def must_share(starts: TwoStarts) -> None:
    """Raise CheckFailed where one of two processes does not list what the other one has made."""
    one, other = Todos(starts.first), Todos(starts.second)
    # Where it is the first request that makes the tables, two of them may come at once as well.
    made = crossed(
        starts.first,
        starts.second,
        lambda: one.create("made at the first process"),
        lambda: other.create("made at the second process"),
        TABLE,
        WAITS_SECONDS,
    )
    help = "Do both keep their todos in the same file?"
    other.must_have(made.held, "in the other process", help)
    one.must_have(made.other, "in the other process", help)
