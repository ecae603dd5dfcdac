"""fix-15: of two changes at the same time none is lost, or its client is told."""

from lab.model import CheckFailed
from lab.verify.experiments.lost_update import change_at_once
from lab.verify.todos import Todos


def test_a_completion_is_not_overwritten(running: Todos) -> None:
    """A todo is renamed while a client completes it: both are kept, or one is refused."""
    must_be_honest(running, "title")


def test_a_new_title_is_not_overwritten(running: Todos) -> None:
    """A todo is completed while a client renames it: both are kept, or one is refused."""
    must_be_honest(running, "completed")


def must_be_honest(todos: Todos, held: str) -> None:
    """Raise CheckFailed where an answer to one of two changes is not what became of it."""
    found = change_at_once(todos, held)
    crashed = any(answer.status >= 500 for answer in found.answers.values())
    if not crashed and all(answer.ok == found.left[n] for n, answer in found.answers.items()):
        return
    raise CheckFailed(
        expected="of two changes at once, both kept; or one refused with 409, and not made",
        actual=str(found),
        help="Nobody foresaw it, so a client is told that the server is broken. What may it do "
        "now: try again?"
        if crashed
        else "Both have read the todo before either wrote. What did the last UPDATE write into "
        "the columns that its client did not name, and from when was that?"
        if found.lost
        else "A client is told that its change was refused, and it was made.",
    )
