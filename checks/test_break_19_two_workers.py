"""break-19: each of two workers keeps a list of its own, and one of them is out of date."""

from lab.model import CheckFailed
from lab.verify.experiments.two_workers import LIST, second_worker, shown
from lab.verify.todos import Todos


def test_the_other_worker_does_not_list_it(todos: Todos) -> None:
    """What one worker has made is in the database, and the other worker does not list it."""
    todos.server.start()
    with second_worker(todos) as (second, _):
        made = todos.create("made at one of two workers")
        todos.server.settle()
        own, other = shown(todos, made)[LIST], shown(second, made)[LIST]
    todos.server.restart()
    if not shown(todos, made)[LIST]:
        raise CheckFailed(
            expected="the todo is in the database: it is listed after a restart",
            actual=f"the todo {made['id']} is not listed after a restart",
            help="Then it is lost, with one worker as with two. Only the list is to be kept in "
            "memory, and the todos where they were.",
        )
    if not own:
        raise CheckFailed(
            expected="the worker that has made a todo lists it",
            actual=f"it does not list the todo {made['id']}",
            help="With one worker the list is to be right. Who drops what is kept, when a todo is "
            "made?",
        )
    if other:
        raise CheckFailed(
            expected="the other worker lists what it has kept, without the new todo",
            actual=f"it lists the todo {made['id']}",
            help="It has asked the database, or was told. Where is a list kept, and since when?",
        )
