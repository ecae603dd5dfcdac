"""break-5: all requests share one session, and one failed write spoils it."""

from lab.model import CheckFailed
from lab.verify.experiments.refused_write import refused_write
from lab.verify.todos import Todos


def test_one_failure_spoils_all_that_follows(todos: Todos) -> None:
    """After one write that the database refused, the requests that follow fail as well."""
    todos.server.start()
    todos.create("made before the failure")
    refused = refused_write(todos)
    after = todos.server.get("/todos")
    if after.status < 500:
        raise CheckFailed(
            expected="GET /todos fails after a POST that the database refused",
            actual=f"POST answers {refused.status}, and then GET answers {after.status}",
            help="Each request starts with a sound session here. When is it made?",
        )
