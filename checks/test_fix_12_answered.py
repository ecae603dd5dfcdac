"""fix-12: a new todo is answered, whole, and saved once."""

from lab.answers import Todo
from lab.appserver.server import READ_BACK
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
    if running.server.resource.create.carries(running.server.resource.completed):
        as_stored(running, {"title": f"{TITLE}, completed", "completed": True})


def as_stored(todos: Todos, sent: Todo) -> None:
    """Raise CheckFailed where the answer to a POST has another state than the todo itself."""
    answer = todos.server.post("/todos", sent)
    told = (todos.told(answer) if answer.ok else None) or {}  # whether it takes this is left open
    for found in todos.present([told] if told else []):
        if found.get("completed") != told.get("completed"):
            raise CheckFailed(
                expected=f"completed = {found.get('completed')!r} in the answer, as GET has it",
                actual=str(answer),
                help="The table has it otherwise. From where does this answer have it?",
            )


def test_its_id_is_its_own(running: Todos) -> None:
    """The id in the answer to POST /todos is that of the new todo, and of no other one."""
    answers = [running.server.post("/todos", {"title": TITLE}) for _ in range(2)]
    told = [running.told(answer) for answer in answers if answer.ok]  # a title may be refused
    ids = [todo["id"] for todo in told if todo]
    if len(ids) != len(set(ids)):
        raise not_its_own(f"id {ids[0]} for two todos that have the same title")
    first, last = (("POST", "/todos", {"title": f"{TITLE}, {when}"}) for when in ("first", "last"))
    answer = running.server.interleave(first, READ_BACK, last).held  # the newest is another one
    title = (running.told(answer) or {}).get("title") if answer.ok else None
    if title == f"{TITLE}, last":
        raise not_its_own(f"{title!r} for '{TITLE}, first', which was made right before it")
    deleted = ids[0] if ids else None
    for after in ("the first", "the last"):  # then ids and the number, or the highest id, differ
        if deleted is not None and running.can_delete:
            running.delete({"id": deleted})
        made = running.create(f"{TITLE}, after {after} was deleted")
        found = running.find(made)
        if found is None or found.get("title") != made["title"]:
            raise not_its_own(f"id {made['id']} for {made['title']!r}; there, the API has {found}")
        deleted = made["id"]


def not_its_own(actual: str) -> CheckFailed:
    """Return the failure of an answer that has another id than the new todo."""
    return CheckFailed(
        expected="in the answer to POST /todos, the id that the new todo has in the table",
        actual=actual,
        help="The database gives the id, with the INSERT. From where does this answer have it?",
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
