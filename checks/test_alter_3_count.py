"""alter-3: GET /todos/count"""

from typing import Any

from lab.judge.todos import Todos, seen
from lab.model import CheckFailed

KEYS = ("total", "completed", "pending")


def test_counts_an_empty_table(todos: Todos) -> None:
    """Without a single todo, all three counts are 0."""
    todos.server.start()
    todos.clear()
    counts(todos, 0, 0, "with no todo at all")


def test_counts_what_was_made(todos: Todos) -> None:
    """After some POSTs and PUTs the counts are right: total, completed, pending."""
    todos.server.start()
    todos.clear()
    made = [todos.create(f"todo {number}") for number in range(5)]
    counts(todos, 5, 0, "after 5 POSTs")
    todos.update(made[0], completed=True)
    todos.update(made[3], completed=True)
    counts(todos, 5, 2, "after 2 of 5 were completed")
    todos.update(made[3], completed=False)
    counts(todos, 5, 1, "after 1 of them was made pending again")


def test_counts_what_was_deleted(todos: Todos) -> None:
    """After some DELETEs the counts are right, of completed todos and of pending ones."""
    todos.server.start()
    todos.clear()
    made = [todos.create(f"todo {number}") for number in range(4)]
    todos.update(made[0], completed=True)
    todos.update(made[1], completed=True)
    todos.delete(made[0])
    counts(todos, 3, 1, "after a completed todo was deleted")
    todos.delete(made[2])
    counts(todos, 2, 1, "after a pending todo was deleted too")


def test_counts_after_a_restart(todos: Todos) -> None:
    """After the server was killed and started again, the counts are what they were."""
    todos.server.start()
    todos.clear()
    made = [todos.create(f"todo {number}") for number in range(3)]
    todos.update(made[0], completed=True)
    counts(todos, 3, 1, "before the restart")
    todos.server.restart(kill=True)
    counts(todos, 3, 1, "after the restart")


def test_counts_many(todos: Todos) -> None:
    """With many todos, all of them are counted."""
    todos.server.start()
    todos.clear()
    for number in range(25):
        todos.create(f"todo {number}")
    counts(todos, 25, 0, "after 25 POSTs")


def counts(todos: Todos, total: int, completed: int, when: str) -> None:
    """Raises CheckFailed where GET /todos/count answers with other numbers."""
    wanted = dict(zip(KEYS, (total, completed, total - completed), strict=True))
    answer = todos.server.get("/todos/count")
    body: Any = answer.json
    if not answer.ok or not isinstance(body, dict):
        raise CheckFailed(
            expected=f"GET /todos/count answers {wanted} {when}",
            actual=seen(answer),
            help=refused(answer.status, answer.text),
        )
    for key, value in wanted.items():
        actual = body.get(key, "missing")
        if type(actual) is not int or actual != value:
            raise CheckFailed(
                expected=f"{key} = {value}, of {wanted}, {when}",
                actual=f"{key} = {actual!r} in {body}",
                help=advice(key, actual, wanted),
            )


def refused(status: int, text: str) -> str:
    """What an answer that is no count says about where to look."""
    if status == 422 and "count" in text:
        return (
            "The answer complains that 'count' is no id: another route took the request. "
            "FastAPI tries the routes in the order in which they are declared."
        )
    if status == 404:
        return "No route took the request, or one that looked for a todo called 'count'."
    return "The endpoint should answer 200 with one JSON object."


def advice(key: str, actual: Any, wanted: dict[str, int]) -> str:
    """What the wrong value that was seen says about where to look."""
    if actual == "missing":
        return f"The object has no {key!r}. The task names its three keys."
    if actual is None:
        return "null: that is what SUM makes of no rows at all. COUNT makes 0 of them."
    if type(actual) is not int:
        return "A count is an integer: no text, no fraction, no true or false."
    if key == "pending" and actual == wanted["completed"]:
        return "That is the number of the completed ones."
    return "Is it counted anew from the database at each request?"
