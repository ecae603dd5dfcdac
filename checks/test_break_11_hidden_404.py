"""break-11: a todo that is not there is answered with a 2xx."""

from lab.model import CheckFailed
from lab.verify.experiments.not_found import answers
from lab.verify.todos import Todos


def test_a_missing_todo_is_a_success(todos: Todos) -> None:
    """GET or PUT of a todo that does not exist answers 2xx."""
    todos.server.start()
    got = answers(todos, "GET", "PUT")
    if not any(answer.ok for answer in got):
        raise CheckFailed(
            expected="GET or PUT of a missing todo answers 200",
            actual=", ".join(f"{answer.method} {answer.path}: {answer}" for answer in got),
            help="The status still says that something went wrong, so a client can tell.",
        )
