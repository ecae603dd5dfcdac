"""fix-6: the session is closed whatever becomes of the request. fix-3's checks come on top."""

from lab.model import CheckFailed
from lab.verify.database_use import must_use_sqlalchemy
from lab.verify.not_found import path_of_none
from lab.verify.todos import Todos, seen

MISSING = 25  # more than the 15 connections that SQLAlchemy's pool has, where nobody sets it


def test_works_after_many_failures(todos: Todos) -> None:
    """After 25 requests for a todo that does not exist, the list is still answered."""
    todos.server.collect = False  # the cyclic garbage collector would close some of them by luck
    todos.server.pool_timeout = 0.2  # where all connections are gone, nobody need wait for long
    todos.server.start()
    missing = path_of_none(todos.create("to be listed"))
    must_use_sqlalchemy(todos.server)
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
