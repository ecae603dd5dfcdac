"""break-31: of two forked workers, one spoils what the other one has begun to write."""

from lab.model import CheckFailed
from lab.verify.experiments.forked_workers import does_spoil, two_workers
from lab.verify.todos import Todos


def test_a_worker_spoils_what_the_other_one_writes(fresh: Todos) -> None:
    """Of two forked workers, one spoils what the other one writes; one process alone is fine."""
    with two_workers(fresh) as (one, other):
        if not does_spoil(one, other):
            raise CheckFailed(
                expected="a todo of one worker is gone once the other one has listed the todos "
                "before the COMMIT, or a request fails while both have much to do",
                actual="it is there, and every request is answered",
                help="Each worker has a connection of its own. What has your code opened before "
                "they are forked?",
            )
    fresh.server.start()
    fresh.create("made by one process alone")
