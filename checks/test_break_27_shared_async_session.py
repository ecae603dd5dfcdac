"""break-27: two tasks use one AsyncSession at the same time, and it refuses."""

from lab.model import CheckFailed
from lab.verify.experiments.many_at_once import get_at_once
from lab.verify.todos import Todos, seen

REFUSALS = {"IllegalStateChangeError", "InvalidRequestError", "ExceptionGroup"}


def test_the_session_refuses_two_tasks(todos: Todos) -> None:
    """GET /summary fails, since its session is in use by another task."""
    answers, crash = get_at_once(todos, "/summary")
    if crash is None or crash.kind.rpartition(".")[2] not in REFUSALS:
        raise CheckFailed(
            expected="GET /summary fails: its AsyncSession is used by two tasks at once",
            actual=f"{seen(answers[0])}" + (f"; {crash}" if crash else ""),
            help="How many tasks does gather() start, and how many sessions do they have?",
        )
