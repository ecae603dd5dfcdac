"""break-21: what DELETE was answered 2xx for never comes true."""

from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_a_deleted_todo_is_still_there(running: Todos) -> None:
    """A todo whose DELETE was answered 2xx is still there after a restart."""
    made = running.create("to be deleted")
    running.delete(made)
    running.server.restart()  # it waits for what a request does after its answer
    if not running.present([made]):
        raise CheckFailed(
            expected="a todo that is there after its DELETE was answered 2xx, and a restart",
            actual=f"the todo {made['id']} is gone",
            help="Somebody has committed it. Who deletes, the endpoint or the task; in which "
            "session, and what comes after that?",
        )
