"""break-27: two tasks use one AsyncSession at the same time, and it refuses."""

from lab.model import CheckFailed
from lab.verify.experiments.many_at_once import summaries_at_once
from lab.verify.todos import Todos, seen

REFUSALS = {"IllegalStateChangeError", "InvalidRequestError", "ExceptionGroup"}


def test_the_session_refuses_two_tasks(todos: Todos) -> None:
    """GET /summary fails, since its session is in use by another task."""
    answers = summaries_at_once(todos)
    failed = next((answer for answer in answers if answer.crash), answers[0])
    if failed.crash is None or failed.crash.kind.rpartition(".")[2] not in REFUSALS:
        raise CheckFailed(
            expected="GET /summary fails: its AsyncSession is used by two tasks at once",
            actual=seen(failed),
            help="How many tasks does gather() start, and how many sessions do they have?",
        )
