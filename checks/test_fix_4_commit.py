"""fix-4: every write that is answered with a 2xx is in the database file by then."""

from lab.answers import Todo
from lab.model import CheckFailed
from lab.verify.diagnosis import never_sent, of_changed, of_lost, of_returned
from lab.verify.experiments.further_requests import do_the_rest
from lab.verify.todos import Todos

NEXT = "the next request"


def test_creating_commits(running: Todos) -> None:
    """A todo that was created is there for the next request, and after a SIGKILL."""
    made = running.create("created")
    done = running.create("created as done", completed=True)  # as far as POST takes that
    there(running, made, "created", NEXT)
    running.server.restart(kill=True)
    there(running, made, "created", "a SIGKILL and a start")
    there(running, done, "created as done", "a SIGKILL and a start")


def test_changing_commits(running: Todos) -> None:
    """A todo that was changed stays changed: for the next request, and after a SIGKILL."""
    made = lasting(running)
    running.update(made, title="changed", completed=True)
    there(running, made, "changed", f"PUT and {NEXT}")
    running.server.restart(kill=True)
    there(running, made, "changed", "PUT, a SIGKILL and a start")
    each_part_stays(running)


def test_whatever_else_changes_commits(running: Todos) -> None:
    """What any other request that the app offers does with a todo is there for the next one."""
    do_the_rest(running)


def test_deleting_commits(running: Todos) -> None:
    """A todo that was deleted stays away: for the next request, and after a SIGKILL."""
    both = [lasting(running), running.create("made and completed")]
    if running.can_update(completed=True):
        running.update(both[1], completed=True)
    for made in both:
        running.delete(made)
        gone(running, made, f"DELETE and {NEXT}")
    running.server.restart(kill=True)
    for made in both:
        gone(running, made, "DELETE, a SIGKILL and a start")


def each_part_stays(todos: Todos) -> None:
    """Raise CheckFailed where a change of one field alone, which PUT takes, does not stay."""
    changed: list[tuple[Todo, str, str | bool]] = []
    for name, *values in (("title", "changed"), ("completed", True), ("completed", True, False)):
        made = todos.create(f"its {name} changes")
        if all(todos.server.put(f"/todos/{made['id']}", {name: value}).ok for value in values):
            changed.append((made, name, values[-1]))
    todos.server.restart(kill=True)
    for made, name, value in changed:
        for todo in todos.present([made]):
            if todo.get(name) != value:
                raise CheckFailed(
                    expected=f"{name} = {value!r} after PUT with the {name} alone, which was "
                    "answered 2xx, a SIGKILL and a start",
                    actual=f"{name} = {todo.get(name)!r}",
                    help=never_sent(todos.server, "UPDATE")
                    or "Which ways lead through the function that answers PUT, and does each of "
                    "them make the change final?",
                )


def lasting(todos: Todos) -> Todo:
    """Return a todo in the database file. Raises CheckFailed where the app puts none there."""
    made = todos.create("made before")
    todos.server.restart()
    there(todos, made, "made before", "a stop and a start")
    return made


def there(todos: Todos, made: Todo, title: str, after: str) -> None:
    """Raise CheckFailed where the todo is not there with this title."""
    present = todos.present([made])
    if present and present[0].get("title") == title:
        return
    raise CheckFailed(
        expected=f"the todo {made['id']} with the title {title!r} after {after}",
        actual=f"its title is {present[0].get('title')!r}" if present else "it is not there",
        help=why(todos, made, title, after, lost=not present),
    )


def gone(todos: Todos, made: Todo, after: str) -> None:
    """Raise CheckFailed where the todo is there."""
    if todos.present([made]):
        raise CheckFailed(
            expected=f"no todo {made['id']} after {after}",
            actual=f"it is there: {todos.server.exchanges[-1]}",
            help=of_returned(todos.server, made)
            if not after.endswith(NEXT)
            else at_once(todos, "DELETE"),
        )


def why(todos: Todos, made: Todo, title: str, after: str, *, lost: bool) -> str:
    """Return what was seen of a write that is not there, and where that leads."""
    if after.endswith(NEXT):
        return at_once(todos, "INSERT" if lost else "UPDATE")
    return of_lost(todos.server, made) if lost else of_changed(todos.server, title)


def at_once(todos: Todos, statement: str) -> str:
    """Return the same for a write that the next request, in the same process, does not see."""
    return never_sent(todos.server, statement) or (
        f"The request was answered 2xx, and its {statement} went to the database. What makes it "
        "final, and does that run before the session is closed?"
        if todos.server.dialects()
        else "The request was answered 2xx. What makes its write final, and does that run?"
    )
