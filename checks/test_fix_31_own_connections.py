"""fix-31: workers that are forked once the app is imported do not share a connection."""

from lab.model import CheckFailed
from lab.verify.experiments.forked_workers import must_answer_at_once, must_keep, two_workers
from lab.verify.todos import Todos


def test_no_worker_takes_back_what_another_writes(fresh: Todos) -> None:
    """Of two forked workers, none takes back what the other one has not committed yet."""
    with two_workers(fresh) as (one, other):
        must_keep(one, other)


def test_two_workers_answer_at_once(fresh: Todos) -> None:
    """Of two forked workers, one writes and the other one lists, and each request is answered."""
    with two_workers(fresh) as (one, other):
        must_answer_at_once(one, other)


def test_one_process_alone_serves(fresh: Todos) -> None:
    """One process alone starts on an empty database, and what it makes outlives a restart."""
    fresh.server.start()
    made = fresh.create("made by one process alone")
    fresh.server.restart()
    if not fresh.present([made]):
        raise CheckFailed(
            expected=f"the todo {made['id']} is there after a restart",
            actual="it is gone",
            help="What does a start do to a table that is there already?",
        )
