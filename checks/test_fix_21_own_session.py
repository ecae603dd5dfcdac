"""fix-21: what DELETE was answered 2xx for comes true, before the answer or soon after."""

import time

from lab.answers import Todo
from lab.model import CheckFailed
from lab.verify.todos import Todos

SECONDS = 3.0
INTERVAL = 0.1  # between two looks at whether it is gone


def test_it_is_gone_soon(running: Todos) -> None:
    """A todo is gone within three seconds after its DELETE was answered 2xx, and no other."""
    others = [running.create("to be kept"), running.create("of two that look alike")]
    made = running.create("of two that look alike")
    running.delete(made)
    if not is_gone_in_time(running, made):
        raise CheckFailed(
            expected=f"no todo {made['id']}, {SECONDS:g} seconds after its DELETE",
            actual=f"it is still there: {running.find(made)}",
            help="Who was to delete it, when does that run, and who commits afterwards? The log "
            "may tell of an error that came after the answer.",
        )
    if len(left := running.present(others)) != len(others):
        raise CheckFailed(
            expected=f"the todos {[other['id'] for other in others]}, which nobody has deleted",
            actual=f"of them {[other['id'] for other in left]} are left",
            help="Which rows does the deletion touch?",
        )


def test_it_stays_gone(running: Todos) -> None:
    """A todo whose DELETE was answered 2xx is not there after a restart."""
    made = running.create("to be deleted before the restart")
    running.delete(made)
    is_gone_in_time(running, made)
    running.server.restart()
    if running.present([made]):
        raise CheckFailed(
            expected=f"no todo {made['id']} after a restart",
            actual=f"it is there: {running.find(made)}",
            help="Is the row deleted in the database, and who makes that final?",
        )


def is_gone_in_time(todos: Todos, todo: Todo) -> bool:
    """Whether a todo is not there any more within the time that a task may take."""
    until = time.monotonic() + SECONDS
    while todos.present([todo]):
        if time.monotonic() > until:
            return False
        time.sleep(INTERVAL)
    return True
