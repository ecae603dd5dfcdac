"""break-17: a request is at work, and other writers are told that the database is locked."""

from lab.known_errors import is_locked
from lab.model import CheckFailed
from lab.verify.experiments.writers import CLIENTS, create_at_once
from lab.verify.todos import Todos


def test_a_writer_is_locked_out(todos: Todos) -> None:
    """Of three clients that create a todo at once, one is answered 500: database is locked."""
    todos.server.start()
    found = create_at_once(todos)
    if found.acknowledged and found.crash and is_locked(found.crash):
        return
    raise CheckFailed(
        expected=f"of {CLIENTS} POSTs at once, one that fails with: database is locked",
        actual=str(found),
        help="One of them has to get through: it has the lock that the others wait for in vain."
        if found.crash
        else "Nobody had to wait too long. How long does a request hold the lock, from its first "
        "write to its COMMIT, and how long does the engine let the others wait?",
    )
