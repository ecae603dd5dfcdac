"""break-23: who asks for the list changes it, and waits for the lock as a writer does."""

from lab.model import CheckFailed, NoAnswer
from lab.verify.experiments.locked_reads import read_while_locked
from lab.verify.todos import Todos


def test_who_looks_deletes(running: Todos) -> None:
    """A todo that is done is gone once somebody has asked for the list."""
    made = running.create_completed("done before anybody looked")
    running.all()
    if running.present([made]):
        raise CheckFailed(
            expected=f"the todo {made['id']}, which is done, is gone after GET /todos",
            actual=f"it is still there: {running.find(made)}",
            help="Does GET /todos delete it, and commit?",
        )


def test_who_looks_waits_for_the_lock(running: Todos) -> None:
    """While another program holds the write lock, the list cannot be read."""
    running.create_completed("done before the lock")
    try:
        answer = read_while_locked(running, "/todos")
    except NoAnswer:  # it waits longer than the lab does
        return
    if answer.ok:
        raise CheckFailed(
            expected="GET /todos is not answered while another program holds the write lock",
            actual="it is answered 2xx",
            help="It has read, and written nothing before its answer, though a todo was done.",
        )
