"""fix-6: the session is closed whatever becomes of the request. fix-3's checks come on top."""

from lab.appserver.refused_writes import refusing
from lab.model import CheckFailed, NotPossible
from lab.verify.not_found import path_of_none
from lab.verify.todos import Todos, seen

MISSING = 25  # more than the 15 connections that SQLAlchemy's pool has, where nobody sets it


def test_works_after_many_failures(todos: Todos) -> None:
    """After 25 requests for a todo that does not exist, the list is still answered."""
    todos.server.collect = False  # the cyclic garbage collector would close some of them by luck
    todos.server.pool_timeout = 0.2  # where all connections are gone, nobody need wait for long
    todos.server.start()
    missing = path_of_none(todos.create("to be listed"))
    for _ in range(MISSING):
        todos.server.get(missing)
    answer = todos.server.get("/todos")
    if not answer.ok:
        out = len(todos.server.connections_out())
        raise CheckFailed(
            expected=f"GET /todos works after {MISSING} requests that found nothing",
            actual=f"{seen(answer)}, with {out} connections checked out",
            help="Each request that failed has kept a connection. Who would give it back?",
        )


def test_a_refused_write_gives_back(todos: Todos) -> None:
    """After a write that the database refused, no connection stays checked out."""
    todos.server.collect = False  # the cyclic garbage collector would close some of them by luck
    todos.server.start()
    todos.create("to be listed")
    known = len(todos.server.connections_out())  # what POST keeps is the matter of other checks
    try:
        with refusing(todos.server):
            answer = todos.server.post("/todos", {"title": "refused by the database"})
    except NotPossible:
        return  # in no table that could refuse it: the other checks have to do
    out = todos.server.connections_out()
    if len(out) > known:
        raise CheckFailed(
            expected="no connection checked out after a POST that the database refused",
            actual=f"{len(out) - known} still checked out after {answer.status}",
            help="An error of the database is no HTTPException. Which errors leave your dependency "
            "with its session closed?",
        )
