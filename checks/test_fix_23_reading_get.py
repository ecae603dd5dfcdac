"""fix-23: a GET changes nothing, and needs no lock."""

from lab.answers import Todo
from lab.appserver.tables import rows_of
from lab.model import CheckFailed, NotApplicable
from lab.verify.experiments.locked_reads import read_while_locked
from lab.verify.todos import Todos, seen

LOOKS = 12  # who tidies up at every tenth look writes as well
MANY = 6  # and who does so only where there is something to tidy up


def test_reading_changes_nothing(running: Todos) -> None:
    """However often the list and a todo are read, no row of the todos changes."""
    must_stay(running, [])
    made = [running.create(f"to be done, {number}") for number in range(MANY)]
    if running.can_update(completed=True):
        running.update(made[0], completed=True)
    must_stay(running, made[:2])
    running.server.restart()  # what a process does once, it has done before the todos were there
    must_stay(running, made[:2])


def test_who_lists_needs_no_lock(running: Todos) -> None:
    """While another program holds the write lock, the list is answered."""
    made = running.create("there before the lock")
    if running.can_update(completed=True):
        running.update(made, completed=True)
    must_be_answered(running, "/todos")


def test_who_reads_one_needs_no_lock(running: Todos) -> None:
    """While another program holds the write lock, one todo is answered by its id."""
    if not running.can_read_one:
        raise running.no_way("reads one todo")
    made = running.create("there before the lock")
    must_be_answered(running, f"/todos/{made['id']}")


def must_stay(todos: Todos, some: list[Todo]) -> None:
    """Read the list often, and these todos as well. Raises CheckFailed where a row has changed."""
    todos.server.settle()
    before = rows_of(todos.server)
    if before is None:
        raise NotApplicable("a table of todos", "none that the lab knows")
    for _ in range(LOOKS):
        todos.all()
    for each in some * 2:
        todos.find(each)
    todos.server.settle()
    after = rows_of(todos.server)
    if after != before:
        raise CheckFailed(
            expected=f"the rows are as they were before somebody read them: {before.rows}",
            actual=f"they are: {after.rows if after else 'gone, with their table'}",
            help="Nobody has sent a POST, a PUT or a DELETE. Which GET writes, and for whom?",
        )


def must_be_answered(todos: Todos, path: str) -> None:
    """Raise CheckFailed where a GET waits for a lock that another program holds."""
    answer = read_while_locked(todos, path)
    if not answer.ok:
        raise CheckFailed(
            expected=f"GET {path} is answered 2xx while another program holds the write lock",
            actual=seen(answer),
            help="Who only reads needs no such lock. Which statement of this request writes, or "
            "how does its transaction begin?",
        )
