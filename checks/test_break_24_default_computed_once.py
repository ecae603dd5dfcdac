"""break-24: todos that were made at different moments have the same created_at."""

from lab.model import CheckFailed
from lab.verify.experiments.moments import FIELD, make_two, moments
from lab.verify.todos import Todos


def test_all_have_the_same_moment(running: Todos) -> None:
    """Two todos that were made one after the other have the same created_at."""
    first, second = make_two(running)
    if moments(first.todo) != moments(second.todo):
        raise CheckFailed(
            expected=f"the same {FIELD} for two todos that were made one after the other",
            actual=f"{first.todo[FIELD]} and {second.todo[FIELD]}",
            help="Something computes it for each of them. What does the model have as a default: a "
            "moment, or what gives one?",
        )
