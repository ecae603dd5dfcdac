"""fix-8: every field that POST /todos takes is stored, and comes back."""

from lab.model import CheckFailed
from lab.verify.experiments.fields import empty_values, made_whole, must_have, values_for_create
from lab.verify.todos import Todos


def test_fields_come_back(running: Todos) -> None:
    """Every field that the create schema has comes back, from POST, from GET and in the list."""
    for values in (values_for_create, empty_values):
        made, sent = made_whole(running, values)
        must_have(sent, made, "the answer to POST /todos")
        in_every_answer(running, made, sent)


def test_fields_last(running: Todos) -> None:
    """Every field that the create schema has is still there after a SIGKILL and a start."""
    made, sent = made_whole(running)
    running.server.restart(kill=True)
    in_every_answer(running, made, sent)


def test_works_on_the_own_database(own: Todos) -> None:
    """On the workspace's own database, too, a todo with every field is made and comes back."""
    own.server.start()
    own.all()
    made, sent = made_whole(own)
    in_every_answer(own, made, sent)


def in_every_answer(todos: Todos, made: dict[str, object], sent: dict[str, object]) -> None:
    """Raise CheckFailed where GET of the todo, or the list, lacks a field that was sent."""
    for where in (f"GET /todos/{made['id']}", "GET /todos"):
        found = todos.present([made]) if where == "GET /todos" else [todos.find(made)]
        if not found or found[0] is None:
            raise CheckFailed(
                expected=f"the todo {made['id']}, which was made with every field",
                actual=f"it is not there: {todos.server.exchanges[-1]}",
                help="It was answered 2xx. Was it committed?",
            )
        must_have(sent, found[0], where)
