"""fix-18: while one write waits for the database, other clients are answered."""

from collections.abc import Callable

from lab.model import CheckFailed, NotApplicable
from lab.verify.experiments.blocked_loop import is_blocked, is_shut_out
from lab.verify.todos import Todos
from lab.workspace.operations import Request


def test_a_new_todo_waits_alone(running: Todos) -> None:
    """While a POST waits for a locked database, another client is answered."""
    running.create("made before the lock")
    must_be_free(running, lambda: ("POST", "/todos", {"title": "made when the lock is gone"}))


def test_who_only_lists_is_answered(running: Todos) -> None:
    """While a POST waits for a locked database, nothing but the lock keeps the list waiting."""
    running.create("made before the lock")
    if is_shut_out(running, lambda: ("POST", "/todos", {"title": "made when the lock is gone"})):
        raise CheckFailed(
            expected="the list is read while a POST waits for the database",
            actual="GET /todos got to the database only after the POST was over",
            help="Who reads needs no lock here, and has waited for one client all the same. What "
            "is there only once, or comes in turn: the event loop, a connection, a place?",
        )


def test_a_change_waits_alone(running: Todos) -> None:
    """While a PUT waits for a locked database, another client is answered."""
    if not running.can_update(title="changed"):
        raise NotApplicable("a request that changes a todo", f"{running.server.resource}")
    body = {"title": "changed", "completed": False}
    must_be_free(running, lambda: ("PUT", path_of_new(running), body))


def test_a_deletion_waits_alone(running: Todos) -> None:
    """While a DELETE waits for a locked database, another client is answered."""
    if not running.can_delete:
        raise NotApplicable("a request that deletes a todo", f"{running.server.resource}")
    must_be_free(running, lambda: ("DELETE", path_of_new(running), None))


def path_of_new(todos: Todos) -> str:
    """Make a todo that nobody has written to yet, and return its path."""
    return f"/todos/{todos.create('made before the lock')['id']}"


def must_be_free(todos: Todos, write: Callable[[], Request]) -> None:
    """Raise CheckFailed where everybody waits for the database that one request waits for."""
    if is_blocked(todos, write):
        raise CheckFailed(
            expected="another client is answered while a write waits for the database",
            actual="nobody was answered before the write was over",
            help="The other client asked for nothing that is in the database. One event loop "
            "serves them all: which call of this endpoint waits in it, without an `await`?",
        )
