"""fix-11: what is missing is a 404, and what is there is not."""

from lab.model import CheckFailed
from lab.verify.error_responses import explain
from lab.verify.experiments.not_found import BODY, answers
from lab.verify.todos import Todos, seen


def test_get_of_a_missing_todo(running: Todos) -> None:
    """GET of a todo that does not exist answers 404, and so it does of one that was deleted."""
    must_be_404(running, "GET")
    if not running.can_delete:
        return
    made = running.create("to be deleted")
    running.create("to be kept")  # so that it is not the highest id that is gone
    running.delete(made)
    again = running.server.get(f"/todos/{made['id']}")
    if again.status != 404:
        raise CheckFailed(
            expected="404 for a todo that was deleted",
            actual=str(again),
            help="It was answered 2xx that it is deleted, so from then on it is missing.",
        )


def test_put_of_a_missing_todo(running: Todos) -> None:
    """PUT of a todo that does not exist answers 404, and so it does of one that was deleted."""
    must_be_404(running, "PUT")
    must_be_404_once_deleted(running, "PUT")


def test_delete_of_a_missing_todo(running: Todos) -> None:
    """DELETE of a todo that does not exist answers 404, and so it does of one that was deleted."""
    must_be_404(running, "DELETE")
    must_be_404_once_deleted(running, "DELETE")


def must_be_404(todos: Todos, method: str) -> None:
    """Raise CheckFailed where the answer is another one."""
    (answer,) = answers(todos, method)
    if answer.status != 404:
        raise CheckFailed(
            expected=f"404 for {method} of a todo that does not exist",
            actual=seen(answer),
            help=f"What is looked for may not be found. {explain(answer)}"
            if answer.crash
            else "A client reads the status before the body. "
            + ("A 2xx says that it worked." if answer.ok else "404 says that it is not there."),
        )


def must_be_404_once_deleted(todos: Todos, method: str) -> None:
    """Raise CheckFailed where a todo that was deleted gets another answer."""
    if not todos.can_delete:
        return
    made = todos.create("to be deleted")
    todos.create("to be kept")  # so that it is not the highest id that is gone
    todos.delete(made)
    body = BODY if method == "PUT" else None
    again = todos.server.request(method, f"/todos/{made['id']}", body)
    if again.status != 404:
        raise CheckFailed(
            expected=f"404 for {method} of a todo that was deleted",
            actual=seen(again),
            help="It was answered 2xx that it is deleted, so from then on it is missing. Where "
            f"does the function that answers {method} look for it?",
        )


def test_a_todo_that_is_there_is_found(running: Todos) -> None:
    """A todo that exists is still read, changed and deleted."""
    before, made = running.create("to be deleted"), running.create("there")
    if running.can_delete:
        running.delete(before)  # then there are fewer todos than the id says
    running.update(made, title="still there")
    found = running.find(made)
    if not found or found.get("title") != "still there":
        raise CheckFailed(
            expected=f"GET /todos/{made['id']} answers the todo, as it was changed",
            actual=str(running.server.exchanges[-1]),
            help="Only a todo that does not exist is a 404.",
        )
    running.delete(made)
