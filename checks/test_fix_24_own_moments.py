"""fix-24: created_at says when each todo was made."""

from lab.model import CheckFailed
from lab.verify.moments import FIELD, TICK, Made, make, make_two, moments
from lab.verify.todos import Todos

ONCE = "When is it computed: for each row, or when a line of your code is run that runs only once?"


def test_it_is_the_moment_of_the_post(running: Todos) -> None:
    """The created_at of each todo is between its POST and the answer."""
    for made in make_two(running):
        must_be_its_own(made)


def test_the_later_one_has_the_later_moment(running: Todos) -> None:
    """Of two todos, the one that was made later has the later created_at."""
    must_follow(*make_two(running))


def test_it_stays(running: Todos) -> None:
    """After SIGKILL and a start it is what it was, and a new todo has a later one."""
    first, second = make_two(running)
    running.server.restart(kill=True)
    third = make(running, "made after the restart")
    for made in (first, second):
        now = running.find(made.todo) or {}
        if now.get(FIELD) != made.todo[FIELD]:
            raise CheckFailed(
                expected=f"{FIELD} = {made.todo[FIELD]!r} after a restart, as before",
                actual=f"{FIELD} = {now.get(FIELD)!r}",
                help="A row is written once. Is this read from the row, or made up for the answer?",
            )
    must_be_its_own(third)


def must_be_its_own(made: Made) -> None:
    """Raise CheckFailed where a todo's moment is not that of its POST, by whole seconds."""
    if not any(made.began - 1 <= moment <= made.ended for moment in moments(made.todo)):
        seconds = min((abs(moment - made.ended) for moment in moments(made.todo)), default=0)
        raise CheckFailed(
            expected=f"a {FIELD} between the POST and its answer",
            actual=f"{made.todo[FIELD]}, which is {seconds:.1f} s off",
            help=ONCE,
        )


def must_follow(first: Made, second: Made) -> None:
    """Raise CheckFailed where the later one of two todos has no later moment."""
    if moments(second.todo) <= moments(first.todo):
        raise CheckFailed(
            expected=f"a later {FIELD} for a todo that was made {TICK} s later",
            actual=f"{first.todo[FIELD]}, and then {second.todo[FIELD]}",
            help=ONCE,
        )
