"""break-30: of two processes that start at once in an empty folder, one does not come up."""

from lab.model import CheckFailed
from lab.verify.experiments.two_starts import begun_at_once
from lab.verify.todos import Todos


def test_one_of_two_does_not_come_up(fresh: Todos) -> None:
    """Of two processes that start at the same moment, one does not come up; alone, it does."""
    with begun_at_once(fresh) as starts:
        failures = starts.finish()
    fresh.server.kill()
    if not any(failures):
        raise CheckFailed(
            expected="one of two processes finds that a table is there, and does not come up",
            actual="both serve",
            help="One of them waits, or takes the table that the other one has made. What makes "
            "the tables at the start?",
        )
    fresh.server.start()
    fresh.create("made after one more start")
