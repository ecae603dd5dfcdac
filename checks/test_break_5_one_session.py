"""break-5: all requests share one session, and one failed write spoils it."""

from lab.appserver.refused_writes import refusing
from lab.model import CheckFailed, DatabaseLocked
from lab.verify.todos import Todos


def test_one_failure_spoils_all_that_follows(todos: Todos) -> None:
    """After one write that the database refused, the requests that follow fail as well."""
    todos.server.start()
    todos.create("made before the failure")
    try:
        with refusing(todos.server):
            refused = todos.server.post("/todos", {"title": "refused by the database"})
    except DatabaseLocked as locked:
        raise CheckFailed(
            expected="a session that is spoilt by one failed write, and nothing else",
            actual=locked.message,
            help=locked.remedy,
        ) from locked
    after = todos.server.get("/todos")
    if after.status < 500:
        raise CheckFailed(
            expected="GET /todos fails after a POST that the database refused",
            actual=f"POST answers {refused.status}, and then GET answers {after.status}",
            help="Each request starts with a sound session here. When is it made?",
        )
