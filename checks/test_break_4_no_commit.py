"""break-4: writes are flushed and never committed."""

from lab.answers import one_in
from lab.model import CheckFailed
from lab.verify.todos import Todos, seen


def test_what_was_made_is_gone(todos: Todos) -> None:
    """POST /todos answers 2xx with an id, and the very next request does not find the todo."""
    todos.server.start()
    answer = todos.server.post("/todos", {"title": "made and forgotten"})
    made = one_in(answer.json) if answer.ok else None
    if made is None:
        raise CheckFailed(
            expected="POST /todos answers 2xx, with the new todo and its id",
            actual=seen(answer),
            help="This break is quiet. The INSERT has to run, so that there is an id, and nobody "
            "makes it last.",
        )
    if todos.present([made]):
        raise CheckFailed(
            expected=f"a list without the todo {made['id']}: it was never committed",
            actual=f"GET /todos: {todos.server.exchanges[-1]}",
            help="The todo is there. What in your code commits it?",
        )
