"""fix-21: what DELETE was answered 2xx for comes true, before the answer or soon after."""

import time
from collections.abc import Callable
from functools import partial

from lab.answers import Todo
from lab.appserver.tables import rows_of
from lab.model import CheckFailed
from lab.verify.todos import Todos

SECONDS = 3.0
INTERVAL = 0.1  # between two looks at whether it is gone


def test_it_is_gone_soon(running: Todos) -> None:
    """A todo is gone within three seconds after its DELETE was answered 2xx, and no other."""
    others = [running.create("to be kept"), running.create("of two that look alike")]
    made = [running.create("of two that look alike"), running.create("to be deleted as well")]
    others.append(running.create("to be kept, and made last"))
    for todo in made:  # one after the other: what remembers one alone forgets the first
        running.delete(todo)
    for todo in made:
        if not comes_true(partial(is_gone, running, todo)):
            raise CheckFailed(
                expected=f"no todo {todo['id']}, {SECONDS:g} seconds after its DELETE",
                actual=f"it is still there: {running.find(todo)}",
                help="Who was to delete it, when does that run, and who commits afterwards? The "
                "log may tell of an error that came after the answer.",
            )
    if len(left := running.present(others)) != len(others):
        raise CheckFailed(
            expected=f"the todos {[other['id'] for other in others]}, which nobody has deleted",
            actual=f"of them {[other['id'] for other in left]} are left",
            help="Which rows does the deletion touch?",
        )


def test_it_stays_gone(running: Todos) -> None:
    """A todo whose DELETE was answered 2xx is not there after a restart, nor after a kill."""
    made = running.create("to be deleted before the restart")
    running.server.restart()  # so that no process knows it which has made it
    before = rows_of(running.server)
    running.delete(made)
    # Nobody asks for anything meanwhile: what waits for the next request is not done.
    comes_true(lambda: before is None or rows_of(running.server) != before)
    running.server.restart(kill=True)
    if running.present([made]):
        raise CheckFailed(
            expected=f"no todo {made['id']} after SIGKILL and a start, as soon as its row is gone "
            f"or marked, or after {SECONDS:g} seconds",
            actual=f"it is there: {running.find(made)}",
            help="Is the row deleted in the database, who makes that final, and when: does it wait "
            "for something that need not come?",
        )


def is_gone(todos: Todos, todo: Todo) -> bool:
    """Whether a todo is not there any more."""
    return not todos.present([todo])


def comes_true(what: Callable[[], bool]) -> bool:
    """Whether something comes true within the time that a task may take."""
    until = time.monotonic() + SECONDS
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(INTERVAL)
    return True
