"""alter-1: a `priority` column, through model, schemas and endpoints."""

from difflib import get_close_matches
from typing import Any

from lab.answers import Todo, one_in
from lab.appserver.tables import rows_of
from lab.model import AppFailed, CheckFailed, Exchange
from lab.verify.error_responses import explain
from lab.verify.todos import Todos, seen

RESTARTED = "after a restart"
FILLED_IN = (
    "Where it was made before there was a priority, no client has given it one, and no default of "
    "the model either: that is for new todos. What has put the column into this table, and what "
    "did it fill in?"
)


def test_defaults_to_zero(running: Todos) -> None:
    """A todo made without a priority has priority 0, where it is made, read and listed."""
    everywhere(running, running.create("No priority given"), 0)
    # Neither from the one before, nor from how many there are.
    running.create("With one", priority=2)
    everywhere(running, running.create("None again"), 0)


def test_keeps_what_is_given(running: Todos) -> None:
    """A todo made with a priority has it, where it is made, read and listed."""
    # At most 2, here and below: the range is left open, and 0 to 2 is one.
    high = running.create("High", priority=2)
    everywhere(running, high, 2)
    everywhere(running, running.create("Low", priority=1), 1)
    listed(running, high, 2, "after another POST")
    for number in (1000, -1):  # which an app may refuse
        answer = running.server.post("/todos", {"title": "Far off", "priority": number})
        if answer.ok:
            everywhere(running, running.made(answer), number)


def test_survives_a_restart(running: Todos) -> None:
    """The priority is still there after the server was killed and started again."""
    given, other = running.create("Given", priority=2), running.create("Other", priority=1)
    listed(running, given, 2, "before the restart")
    running.server.restart(kill=True)
    listed(running, given, 2, RESTARTED)
    listed(running, other, 1, RESTARTED)


def test_is_kept_by_an_update(running: Todos) -> None:
    """A PUT with the todo's own priority in it keeps it, and shows it where it answers the todo."""
    todo = running.create("To be changed", priority=2)
    listed(running, todo, 2, "before the PUT")
    body = {"title": "Changed", "completed": False, "priority": 2}
    # Whether PUT takes a priority at all is left open: a refusal is fine, another value is not.
    answer = running.server.put(f"/todos/{todo['id']}", body)
    if not answer.ok:
        return
    listed(running, todo, 2, "after a PUT that has priority 2 in it")
    told = running.told(answer)
    if told and "title" in told:  # a message, or nothing, is no answer that shows a todo
        exactly(told, 2, "the answer to a PUT that has priority 2 in it", todo)


def test_is_an_integer_after_an_update(running: Todos) -> None:
    """Whatever priority a PUT has in it, the todo has an integer, the one that PUT answers."""
    todo = running.create("To be changed", priority=2)
    # As above, a PUT may refuse a priority, or take no notice of it.
    for sent in ("high", 1.5, None, 1):
        body = {"title": "Changed", "completed": False, "priority": sent}
        answer = running.server.put(f"/todos/{todo['id']}", body)
        told = running.told(answer) if answer.ok else None
        whole = running.server.get("/todos")
        if whole.status >= 500:
            raise CheckFailed(
                expected=f"GET /todos lists todos after a PUT that has priority {sent!r} in it",
                actual=seen(whole),
                help=explain(whole),
            )
        for now in running.present([todo]):
            must_be_as_put(now.get("priority"), sent, told)


def must_be_as_put(now: Any, sent: object, told: Todo | None) -> None:
    """Raise CheckFailed where a PUT that had `sent` in it has left a todo with this priority."""
    after = f"after a PUT that has priority {sent!r} in it"
    if type(now) is not int or (isinstance(sent, str | float) and now != 2):
        raise CheckFailed(
            expected=f"{'an integer' if sent is None else 'the priority 2 that it had'}, {after}",
            actual=f"priority {now!r}",
            help="What is no whole number gets a 422, or else it changes nothing. Which schema "
            "does PUT take, and what does that say of a priority?",
        )
    if told and told.get("priority", now) != now:
        raise CheckFailed(
            expected=f"the priority that GET shows, {now!r}, in the answer to PUT, {after}",
            actual=f"priority {told['priority']!r} in the answer",
            help="An answer can be made from the request. Was it written to the table as well?",
        )


def test_refuses_what_is_no_integer(running: Todos) -> None:
    """A priority that is no integer is answered with 422."""
    for wrong in ("high", 1.5, [1]):
        answer = running.server.post("/todos", {"title": "Wrong priority", "priority": wrong})
        if answer.status != 422:
            raise CheckFailed(
                expected=f"422 for a todo with priority {wrong!r}",
                actual=seen(answer),
                help=not_refused(answer, wrong),
            )


def test_null_is_no_priority(running: Todos) -> None:
    """A priority of null is answered with 422, or taken for none at all: 0."""
    answer = running.server.post("/todos", {"title": "Null", "priority": None})
    if answer.status != 422:
        running.require_2xx(answer, "creates a todo with a priority of null, or refuses it")
        listed(running, running.made(answer), 0, "after a POST with a priority of null")


def test_todos_from_before_have_one(own: Todos) -> None:
    """Where the column is in the workspace's own database, each todo in it has an integer.

    It is 0 where the app has put the column in as it started.
    """
    # Whether that database was brought along at all is left open: break-2 is about that.
    before = rows_of(own.server)
    try:
        own.server.start()
    except AppFailed:
        return
    answer = own.server.get("/todos")
    if not answer.ok:
        rows = rows_of(own.server)
        if rows and None in rows.of("priority"):
            raise CheckFailed(
                expected="GET /todos lists the todos of your own database",
                actual=f"{seen(answer)}, and in the table there is a priority that is null",
                help=FILLED_IN,
            )
        return
    listed, after = own.all(), rows_of(own.server)
    is_new = before and after and "priority" in {*after.columns} - {*before.columns}
    for todo in listed:
        priority = todo.get("priority")
        if type(priority) is not int or (is_new and priority):
            raise CheckFailed(
                expected=f"a priority, {'0' if is_new else 'an integer'}, for every todo of your "
                "own database",
                actual=f"priority {priority!r} in {todo}"
                if priority is not None
                else f"{'null' if 'priority' in todo else 'no priority'} in {todo}",
                help=FILLED_IN,
            )


def not_refused(answer: Exchange, wrong: object) -> str:
    """Return what an answer other than 422 says about where to look."""
    if 400 <= answer.status < 500:
        return (
            f"It was refused, and with {answer.status}. FastAPI itself answers 422 where a field "
            "does not fit its schema: who has answered here?"
        )
    if answer.status >= 500:
        return "It came through to the endpoint, and failed there. " + explain(answer)
    made = one_in(answer.json) or {}
    if "priority" not in made:
        return "A field that the schema does not name is ignored, whatever is in it."
    if made["priority"] != wrong:
        return (
            f"It was taken, and became {made['priority']!r}. A request's fields are checked by the "
            "schema that the endpoint takes: does it say what a priority is?"
        )
    return (
        "A request's fields are checked by the schema that the endpoint takes: what type does it "
        f"give to priority, that {wrong!r} comes through?"
    )


def everywhere(todos: Todos, made: Todo, priority: int) -> None:
    """Raise CheckFailed where POST, GET one and the list do not agree on the priority."""
    told = todos.told(todos.server.exchanges[-1])
    if told is None or "title" in told:  # an id alone is no answer that shows a todo
        exactly(told or made, priority, "the answer to POST /todos")
    one = todos.find(made)
    if one is None:
        raise CheckFailed(
            expected=f"GET /todos/{made['id']} answers with the todo",
            actual=seen(todos.server.exchanges[-1]),
            help="POST /todos has just answered with this id.",
        )
    exactly(one, priority, f"GET /todos/{made['id']}", made)
    listed(todos, made, priority, "after a POST")


def listed(todos: Todos, made: Todo, priority: int, when: str) -> None:
    """Raise CheckFailed where the list has another priority for the todo."""
    for todo in todos.present([made]):
        exactly(todo, priority, f"GET /todos {when}", made, restarted=when == RESTARTED)
        return
    raise CheckFailed(
        expected=f"the todo with id {made['id']} {when}",
        actual="it is not there any more",
        help="The todo itself is lost, not only its priority: see the exercise persist.",
    )


def exactly(
    todo: Todo, priority: int, where: str, made: Todo | None = None, restarted: bool = False
) -> None:
    """Raise CheckFailed where the todo's priority is not this integer.

    `made` is the todo as POST answered with it, where `todo` comes from a later answer.
    """
    actual: Any = todo.get("priority", "missing")
    if type(actual) is int and actual == priority:
        return
    before = made.get("priority") if made else None
    was_right = type(before) is int and before == priority
    raise CheckFailed(
        expected=f"priority {priority}, an integer, in {where}",
        actual=f"{'no priority' if 'priority' not in todo else f'priority {actual!r}'} in {todo}",
        help=later(todo, priority, restarted) if was_right else advice(todo, actual, priority),
    )


def later(todo: Todo, priority: int, restarted: bool) -> str:
    """Return what it says that POST's own answer was right, and a later one is not."""
    if "priority" not in todo:
        zero = "" if priority else " And what does it leave out: the field, or every 0?"
        return (
            "The answer to POST had it, this one has not. What makes this answer, and of what?"
            + zero
        )
    if restarted and todo["priority"] == 0:
        return (
            f"Before the restart it was {priority}. Where was it kept: in the table, or in the "
            "process? And if in the table, what does a start do to the table?"
        )
    return (
        f"POST answered with {priority}; what is read afterwards is {todo['priority']!r}. An "
        "answer can be made from the request. Was it written to the table as well?"
    )


def advice(todo: Todo, actual: Any, priority: int) -> str:
    """Return what the wrong value that was seen says about where to look."""
    if "priority" not in todo:
        near = get_close_matches("priority", map(str, todo), 1)
        if near:
            return f"The answer has {near[0]!r}. Compare it with the task, letter by letter."
        return "What a client gets back is decided by the response schema. Does it know the field?"
    if actual is None:
        return (
            "null: there is no value. What gives it one when the client sends none? The model's "
            "default is for what the endpoint does not hand over at all: None is a value, too."
        )
    if isinstance(actual, str):
        return "It is a text. Which type has the column, and which the schema?"
    if isinstance(actual, bool):
        return "It is true or false, no number. Which type has the column, and which the schema?"
    if isinstance(actual, float):
        return "It is a number, but no integer. Which type has the column, and which the schema?"
    if priority == 0:
        return "Where does this default come from? The task asks for 0."
    if actual == 0 < priority:
        return (
            "The client sent another value, and it got lost on its way: request, create schema, "
            "endpoint, model. Up to where is it known?"
        )
    return (
        "Something between the request and the answer changes the value. Which whole numbers you "
        "take is up to you; one that is answered 2xx is kept as it was sent."
    )
