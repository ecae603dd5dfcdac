"""fix-24: created_at says when each todo was made."""

from datetime import timezone

from lab.model import CheckFailed
from lab.verify.experiments.moments import FAR, FAR_NAME, FIELD, Made, make, make_two, moments
from lab.verify.todos import Todos

ONCE = "When is it computed: for each row, or when a line of your code is run that runs only once?"
ZONE = (
    "The server runs where it is 5:45 h later than in UTC. Whose time is computed, and which "
    "offset is told with it?"
)


def test_it_is_the_moment_of_the_post(fresh: Todos) -> None:
    """The created_at of each of two todos is between its POST and the answer, in any time zone."""
    fresh.server.time_zone = FAR_NAME
    fresh.server.start()
    for made in make_two(fresh):
        must_be_its_own(made, FAR)


def test_it_stays(running: Todos) -> None:
    """After SIGKILL and a start it is what it was, and a new todo has its own."""
    first, second = make_two(running)
    read = "A row is written once. Is this read from the row, or made up for the answer?"
    must_stay(running, first, "another GET", read)
    for changes in running.by_request(title="changed", completed=True):
        running.update(first.todo, **changes)
        written = "Who changes a todo does not make it. What does that request write to its row?"
        must_stay(running, first, f"a change of its {' and '.join(changes)}", written)
    running.server.restart(kill=True)
    third = make(running, "made after the restart")
    for made in (first, second):
        must_stay(running, made, "a restart", read)
    must_be_its_own(third)


def test_your_own_database_takes_todos(own: Todos) -> None:
    """On the workspace's own database a todo is made as well, at its own moment."""
    own.server.start()
    must_be_its_own(make(own, "made in the own database"))


def must_stay(todos: Todos, made: Made, after: str, help: str) -> None:
    """Raise CheckFailed where a todo has another moment than it had."""
    now = todos.find(made.todo) or {}
    if now.get(FIELD) != made.todo[FIELD]:
        raise CheckFailed(
            expected=f"{FIELD} = {made.todo[FIELD]!r} after {after}, as before",
            actual=f"{FIELD} = {now.get(FIELD)!r}",
            help=help,
        )


def must_be_its_own(made: Made, zone: timezone | None = None) -> None:
    """Raise CheckFailed where a todo's moment is not that of its POST, by whole seconds."""
    found = moments(made.todo, zone)
    if not any(made.began - 1 <= moment <= made.ended for moment in found):
        seconds = min(abs(moment - made.ended) for moment in found)
        raise CheckFailed(
            expected=f"a {FIELD} between the POST and its answer",
            actual=f"{made.todo[FIELD]}, which is {seconds:.1f} s off",
            help=ZONE if zone and 3600 < seconds < 24 * 3600 else ONCE,
        )
