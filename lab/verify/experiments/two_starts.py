"""Two processes of one app that start at once in an empty folder: what a check makes of them."""

from __future__ import annotations

from contextlib import AbstractContextManager

from lab.faults.two_starts import TwoStarts, two_starts
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
    both = (Todos(starts.first), Todos(starts.second))
    for one, other in (both, both[::-1]):
        made = one.create("made at one of two processes")
        other.must_have(made, "in the other process", "Do both keep their todos in the same file?")
