"""alter-4: PUT and DELETE, which change and remove one todo."""

from uuid import uuid4

from lab.answers import Todo
from lab.model import CheckFailed, Exchange
from lab.verify.error_responses import explain
from lab.verify.todos import Todos, kept, seen


def test_put_changes_a_todo(running: Todos) -> None:
    """PUT gives a todo the title and the completed that it is sent."""
    made = running.create("as it was made")
    # Both of them, one without the other, and each way.
    for title, completed in (
        ("changed", True),
        ("changed again", True),
        ("changed again", False),
        ("changed once more", False),
        ("changed once more", True),
    ):
        change(running, made, title, completed)
    operation = running.server.resource.change
    if operation and operation.method == "PATCH" and operation.path == "/todos/{id}":
        raise CheckFailed(
            expected="PUT /todos/{id} changes the todo",
            actual="PATCH /todos/{id} does, and there is no PUT",
            help="A client sends the method that it was told. Which one does the task name?",
        )


def test_a_change_stays(running: Todos) -> None:
    """What PUT has changed is so after the server was killed and started again."""
    made = running.create("as it was made")
    change(running, made, "changed", True)
    running.server.restart(kill=True)
    has(running, made, {"title": "changed", "completed": True}, "after a restart")


def test_delete_removes_a_todo(running: Todos) -> None:
    """After DELETE the todo is neither in the list nor under its id."""
    made = [running.create("to be deleted")]
    completed = running.server.post("/todos", {"title": "done, and deleted", "completed": True})
    if completed.ok:  # an app may take a title alone
        made.append(running.made(completed))
    for todo in made:
        remove(running, todo)
        gone(running, todo, "after its DELETE")


def test_a_deletion_stays(running: Todos) -> None:
    """What DELETE has removed is gone after the server was killed and started again."""
    made = running.create("to be deleted")
    remove(running, made)
    running.server.restart(kill=True)
    gone(running, made, "after its DELETE and a restart")


def test_what_is_not_there_gets_404(running: Todos) -> None:
    """PUT and DELETE answer 404 for an id that no todo has, and one that was deleted."""
    made = running.create("to be deleted")
    running.create("the one after it")
    never = made["id"] + 1_000_000 if isinstance(made["id"], int) else uuid4()
    refused(send_put(running, never, "nobody's", True), f"the id {never}, which no todo has")
    refused(running.server.delete(f"/todos/{never}"), f"the id {never}, which no todo has")
    remove(running, made)
    refused(send_put(running, made["id"], "too late", True), "a todo that was deleted")
    refused(running.server.delete(f"/todos/{made['id']}"), "a todo that was deleted")
    made_up = [todo for todo in running.all() if todo.get("title") in {"nobody's", "too late"}]
    if made_up:
        raise CheckFailed(
            expected="a PUT that answers 404 leaves no todo behind",
            actual=f"GET /todos lists {made_up[0]}",
            help="Find out whether the todo is there before anything is written.",
        )


def test_the_others_stay_as_they_are(running: Todos) -> None:
    """A PUT and a DELETE of one todo leave all others as they were."""
    made = [running.create("one of four") for _ in range(4)]
    before = [kept(todo) for todo in running.present([made[0], made[3]])]
    remove(running, made[1])
    change(running, made[2], "changed", True)
    for was in before:
        has(running, was, was, f"after a PUT of todo {made[2]['id']} and a DELETE of another")


def send_put(todos: Todos, id: object, title: str, completed: bool) -> Exchange:
    """PUT both fields, as the task names them."""
    return todos.server.put(f"/todos/{id}", {"title": title, "completed": completed})


def change(todos: Todos, made: Todo, title: str, completed: bool) -> None:
    """PUT, and raise CheckFailed where the API does not show the new values afterwards."""
    before = kept(next(iter(todos.present([made])), made))
    done(send_put(todos, made["id"], title, completed), "changes the todo")
    has(todos, made, {**before, "title": title, "completed": completed}, "after its PUT")


def remove(todos: Todos, made: Todo) -> None:
    """DELETE, and raise CheckFailed where it is not answered with a 2xx."""
    done(todos.server.delete(f"/todos/{made['id']}"), "removes the todo")


def done(answer: Exchange, does: str) -> None:
    """Raise CheckFailed where the answer is no 2xx."""
    if answer.ok:
        return
    if answer.status == 405:
        help = f"There is no {answer.method} at this address yet: it is yours to write."
    elif answer.status == 404:
        help = "The todo is there, GET shows it. Is it looked for by the id in the address?"
    else:
        help = explain(answer)
    raise CheckFailed(
        expected=f"{answer.method} /todos/{{id}} {does}", actual=seen(answer), help=help
    )


def has(todos: Todos, made: Todo, wanted: Todo, when: str) -> None:
    """Raise CheckFailed where GET of one todo, or the list, shows other values."""
    for todo in [todos.find(made), *todos.present([made])]:
        if todo is None:
            raise CheckFailed(
                expected=f"the todo with id {made['id']} {when}",
                actual=seen(todos.server.exchanges[-1]),
                help="It is not there any more, and nobody has deleted it.",
            )
        wrong = [name for name in wanted if todo.get(name) != wanted[name]]
        if wrong:
            raise CheckFailed(
                expected=f"{wrong[0]} = {wanted[wrong[0]]!r} {when}",
                actual=f"{wrong[0]} = {todo.get(wrong[0])!r} in {todo}",
                help=advice(when, wrong[0]),
            )


def advice(when: str, name: str) -> str:
    """Where to look for a value that is not what it should be."""
    if when == "after its PUT" and name in ("title", "completed"):
        return f"PUT answered 2xx. Does {name!r}, as it was sent, get to the row, and is it kept?"
    if when == "after a restart":
        return "The change was shown before the restart. When is it made final in the database?"
    return "Nobody has asked to change this todo. Which rows does your statement touch?"


def gone(todos: Todos, made: Todo, when: str) -> None:
    """Raise CheckFailed where the todo is still there."""
    if not todos.present([made]) and not todos.find(made):
        return
    raise CheckFailed(
        expected=f"no todo with id {made['id']} {when}",
        actual=f"it is there: {todos.server.exchanges[-1]}",
        help="DELETE answered 2xx. Does the row leave the table, and is that made final?",
    )


def refused(answer: Exchange, what: str) -> None:
    """Raise CheckFailed where an id that is not there gets another answer than 404."""
    if answer.status == 404:
        return
    if answer.ok:
        help = "A 2xx says that it worked. A client that reads the status alone is misled."
    elif answer.status == 405:
        help = f"There is no {answer.method} at this address yet: it is yours to write."
    elif answer.crash:
        help = f"What is looked for may not be found. {explain(answer)}"
    else:
        help = "Where there is no such todo, the answer is 404."
    raise CheckFailed(
        expected=f"404 for a {answer.method} of {what}", actual=seen(answer), help=help
    )
