"""break-8: schema, model and answer have drifted apart."""

from lab.answers import one_in
from lab.model import CheckFailed
from lab.verify.experiments.fields import create_whole, lost
from lab.verify.todos import Todos


def test_a_field_is_refused_or_lost(todos: Todos) -> None:
    """A field that POST /todos takes, by its own schema, makes it fail or does not come back."""
    todos.server.start()
    answer, sent = create_whole(todos)
    if answer.status >= 500:
        return
    made = one_in(answer.json)
    if not answer.ok or made is None:
        raise CheckFailed(
            expected="POST /todos answers 500, or 2xx with a todo that lacks a field",
            actual=str(answer),
            help="The schema refuses it. Add a field to the schema that the model does not have.",
        )
    if not lost(sent, made):
        raise CheckFailed(
            expected="a field that is sent and does not come back",
            actual=f"sent, and all in the answer: {', '.join(sent)}",
            help="Every layer knows every field. Add one to a single layer.",
        )
