"""fix-18: while one write waits for the database, other clients are answered."""

from collections.abc import Callable

from lab.model import CheckFailed
from lab.verify.experiments.blocked_loop import (
    LIST,
    is_blocked,
    is_blocked_by_a_reader,
    is_shut_out,
)
from lab.verify.todos import Todos
from lab.workspace.operations import Request

CHANGE = {"title": "changed", "completed": False}


def test_a_new_todo_waits_alone(running: Todos) -> None:
    """While a POST waits for a locked database, other clients are answered, who read as well."""
    running.create("made before the lock")
    write = ("POST", "/todos", {"title": "made when the lock is gone"})
    must_be_free(running, lambda: write)
    must_let_read(running, lambda: write)


def test_a_commit_waits_alone(running: Todos) -> None:
    """While a POST waits before its COMMIT for somebody who reads, another client is answered."""
    running.create("made before the lock")
    write = ("POST", "/todos", {"title": "made when nobody reads any more"})
    must_not_be(is_blocked_by_a_reader(running, lambda: write))


def test_a_change_waits_alone(running: Todos) -> None:
    """While a PUT waits for a locked database, other clients are answered, who read as well."""
    if not running.can_update(title="changed"):
        raise running.no_way("changes a todo")
    must_be_free(running, lambda: ("PUT", path_of_new(running), CHANGE))
    must_let_read(running, lambda: ("PUT", path_of_new(running), CHANGE))
    if running.can_read_one:
        path = path_of_new(running)
        must_let_read(running, lambda: ("PUT", path, CHANGE), ("GET", path, None))


def test_a_deletion_waits_alone(running: Todos) -> None:
    """While a DELETE waits for a locked database, other clients are answered, who read as well."""
    if not running.can_delete:
        raise running.no_way("deletes a todo")
    must_be_free(running, lambda: ("DELETE", path_of_new(running), None))
    must_let_read(running, lambda: ("DELETE", path_of_new(running), None))


def path_of_new(todos: Todos) -> str:
    """Make a todo that nobody has written to yet, and return its path."""
    return f"/todos/{todos.create('made before the lock')['id']}"


def must_let_read(todos: Todos, write: Callable[[], Request], read: Request = LIST) -> None:
    """Raise CheckFailed where somebody who reads waits for more than the lock."""
    if is_shut_out(todos, write, read):
        method, path, _ = read
        writes = write()[0]
        raise CheckFailed(
            expected=f"{method} {path} is answered while a {writes} waits for the database",
            actual=f"{method} {path} got to the database only after the {writes} was over",
            help="Who reads needs no lock here, and has waited for one client all the same. What "
            "is there only once, or comes in turn: the event loop, a connection, a place?",
        )


def must_be_free(todos: Todos, write: Callable[[], Request]) -> None:
    """Raise CheckFailed where everybody waits for the database that one request waits for."""
    must_not_be(is_blocked(todos, write))


def must_not_be(blocked: bool) -> None:
    """Raise CheckFailed where nobody was answered before a write was over."""
    if blocked:
        raise CheckFailed(
            expected="another client is answered while a write waits for the database",
            actual="nobody was answered before the write was over",
            help="The other client asked for nothing that is in the database. One event loop "
            "serves them all: which call of this request waits in it, without an `await`?",
        )
