"""break-12: a todo is saved, and its answer fails."""

from lab.model import CheckFailed
from lab.verify.todos import Todos

TITLE = "saved or not?"


def test_a_todo_is_saved_and_its_answer_is_500(todos: Todos) -> None:
    """POST /todos answers 500, and the todo is in the list all the same."""
    todos.server.start()
    answer = todos.server.post("/todos", {"title": TITLE})
    if answer.status < 500:
        raise CheckFailed(
            expected="POST /todos answers 500, after it has saved the todo",
            actual=str(answer),
            help="The answer was made. Is the session closed before that, and after commit()?",
        )
    if not any(todo.get("title") == TITLE for todo in todos.all()):
        raise CheckFailed(
            expected="the todo in the list, although its POST was answered with 500",
            actual=f"it is not there: {todos.server.exchanges[-1]}",
            help="This breaks something else: the todo has to be committed, and its answer fail.",
        )
