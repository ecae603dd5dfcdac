"""break-25: the list asks the database once more for each todo."""

from lab.model import CheckFailed
from lab.verify.experiments.statements import MORE, growth_of_the_list
from lab.verify.todos import Todos


def test_each_todo_takes_a_statement(running: Todos) -> None:
    """GET /todos needs one statement more, or several, for each todo that is added."""
    found = growth_of_the_list(running)
    if not found.of_each:
        raise CheckFailed(
            expected=f"GET /todos needs at least {MORE} statements more once there are {MORE} "
            "todos more",
            actual=str(found),
            help="What of a todo is in another table, and is read when somebody touches it?",
        )
