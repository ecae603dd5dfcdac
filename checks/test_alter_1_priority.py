"""alter-1: a `priority` column, through model, schemas and endpoints."""

from typing import Any

from lab.judge.todos import Todo, Todos, seen
from lab.model import CheckFailed


def test_defaults_to_zero(todos: Todos) -> None:
    """A todo made without a priority has priority 0, where it is made, read and listed."""
    todos.server.start()
    everywhere(todos, todos.create("no priority given"), 0)


def test_keeps_what_is_given(todos: Todos) -> None:
    """A todo made with a priority has it, where it is made, read and listed."""
    todos.server.start()
    high, low = todos.create("high", priority=3), todos.create("low", priority=1)
    everywhere(todos, high, 3)
    everywhere(todos, low, 1)


def test_survives_a_restart(todos: Todos) -> None:
    """The priority is still there after the server was killed and started again."""
    todos.server.start()
    given, default = todos.create("given", priority=2), todos.create("default")
    todos.server.restart(kill=True)
    listed(todos, given, 2, "after a restart")
    listed(todos, default, 0, "after a restart")


def test_is_kept_by_an_update(todos: Todos) -> None:
    """A PUT of a todo just as it stands, priority included, does not change its priority."""
    todos.server.start()
    todo = todos.create("to be changed", priority=3)
    body = {"title": "changed", "completed": False, "priority": 3}
    # Whether PUT takes a priority at all is left open: a refusal is fine, another value is not.
    if todos.server.put(f"/todos/{todo['id']}", body).ok:
        listed(todos, todo, 3, "after a PUT that has priority 3 in it")


def test_refuses_what_is_no_integer(todos: Todos) -> None:
    """A priority that is no integer is answered with 422."""
    todos.server.start()
    for wrong in ("high", 1.5, [1]):
        answer = todos.server.post("/todos", {"title": "wrong priority", "priority": wrong})
        if answer.status != 422:
            raise CheckFailed(
                expected=f"422 for a todo with priority {wrong!r}",
                actual=seen(answer),
                help="A request's fields are checked by the schema that the endpoint takes: "
                f"what type does it give to priority, that {wrong!r} comes through?",
            )


def everywhere(todos: Todos, made: Todo, priority: int) -> None:
    """Raises CheckFailed where POST, GET one and the list do not agree on the priority."""
    exactly(made, priority, "the answer to POST /todos")
    one = todos.find(made)
    if one is None:
        raise CheckFailed(
            expected=f"GET /todos/{made['id']} answers with the todo",
            actual=seen(todos.server.exchanges[-1]),
            help="POST /todos has just answered with this id.",
        )
    exactly(one, priority, f"GET /todos/{made['id']}")
    listed(todos, made, priority, "after a POST")


def listed(todos: Todos, made: Todo, priority: int, when: str) -> None:
    """Raises CheckFailed where the list has another priority for the todo."""
    for todo in todos.present([made]):
        exactly(todo, priority, f"GET /todos {when}")
        return
    raise CheckFailed(
        expected=f"the todo with id {made['id']} {when}",
        actual="it is not there any more",
        help="The todo itself is lost, not only its priority: see the exercise persist.",
    )


def exactly(todo: Todo, priority: int, where: str) -> None:
    """Raises CheckFailed where the todo's priority is not this integer."""
    actual: Any = todo.get("priority", "missing")
    if type(actual) is int and actual == priority:
        return
    raise CheckFailed(
        expected=f"priority {priority}, an integer, in {where}",
        actual=f"{'no priority' if 'priority' not in todo else f'priority {actual!r}'} in {todo}",
        help=advice(todo, actual, priority),
    )


def advice(todo: Todo, actual: Any, priority: int) -> str:
    """What the wrong value that was seen says about where to look."""
    if "priority" not in todo:
        return "What a client gets back is decided by the response schema."
    if actual is None:
        return "null: the column has no value. What gives it one when the client sends none?"
    if isinstance(actual, str):
        return "It is a text. Which type has the column, and which the schema?"
    if isinstance(actual, (bool, float)):
        return "It is a number, but no integer. Which type has the column, and which the schema?"
    if priority == 0:
        return "Where does this default come from? The task asks for 0."
    if actual == 0:
        return "The client's value got lost on its way: create schema, model, table. Where?"
    return "Something between the request and the answer changes the value."
