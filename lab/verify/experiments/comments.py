"""The comments of todos: made by POST /comments, and listed by GET /comments."""

from __future__ import annotations

from typing import Any

from lab.answers import Todo, parsed
from lab.model import CheckFailed
from lab.verify.todos import Todos, require_2xx, seen

PATH = "/comments"


def comment(todos: Todos, todo: Todo, *texts: str) -> None:
    """Make comments on a todo, one by one. Raises CheckFailed where one is refused."""
    for text in texts:
        answer = todos.server.post(PATH, {"todo_id": todo["id"], "text": text})
        require_2xx(answer, "makes a comment on a todo")


def commented(todos: Todos) -> list[dict[str, Any]]:
    """Return the todos with their comments. Raises CheckFailed where it is no list of them."""
    answer = todos.server.get(PATH)
    require_2xx(answer, "lists the todos with their comments")
    found = parsed(answer.text)  # as it was sent: "comments" may be the app's own word for another
    if not isinstance(found, list) or not all(
        isinstance(todo, dict) and isinstance(todo.get("comments"), list) for todo in found
    ):
        raise CheckFailed(
            expected=f"GET {PATH} answers with a list of todos, each with a list of comments",
            actual=seen(answer),
            help="Which names does the task give to what a todo is told with?",
        )
    return found
