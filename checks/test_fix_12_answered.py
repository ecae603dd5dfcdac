"""fix-12: a new todo is answered, whole, and saved once."""

from lab.model import CheckFailed
from lab.verify.todos import Todos

TITLE = "made by the check"


def test_a_new_todo_is_answered_with_its_id(running: Todos) -> None:
    """POST /todos answers the todo with its title, its id and whether it is completed."""
    answer = running.server.post("/todos", {"title": TITLE})
    running.require_2xx(answer, "creates a todo")
    told = running.told(answer) or {}
    if (
        told.get("id") is None
        or told.get("title") != TITLE
        or told.get("completed") not in (False,)
    ):
        raise CheckFailed(
            expected="the new todo in the answer, with the id that the database gave it",
            actual=str(answer),
            help="What the database fills in is known after the INSERT, to an open session.",
        )


def test_a_new_todo_is_saved_once(running: Todos) -> None:
    """What POST /todos has answered is in the list, once, and after a kill as well."""
    made = [running.create(f"{TITLE}, {number}") for number in (1, 2)]
    running.server.restart(kill=True)
    titles = [todo.get("title") for todo in running.all()]
    for todo in made:
        if titles.count(todo["title"]) != 1:
            raise CheckFailed(
                expected=f"{todo['title']!r} once in the list, after SIGKILL and a start",
                actual=f"{titles.count(todo['title'])} times: {titles}",
                help="It was answered 2xx. Is it committed, and only one time?",
            )
