"""fix-4: every write that is answered with a 2xx is in the database file by then."""

from lab.answers import Todo
from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_creating_commits(todos: Todos) -> None:
    """A todo that was created is there for the next request, and after a SIGKILL."""
    todos.server.start()
    made = todos.create("created")
    there(todos, made, "created", "the next request")
    todos.server.restart(kill=True)
    there(todos, made, "created", "a SIGKILL and a start")


def test_changing_commits(todos: Todos) -> None:
    """A todo that was changed stays changed: for the next request, and after a SIGKILL."""
    made = lasting(todos)
    todos.update(made, title="changed", completed=True)
    there(todos, made, "changed", "PUT and the next request")
    todos.server.restart(kill=True)
    there(todos, made, "changed", "PUT, a SIGKILL and a start")


def test_deleting_commits(todos: Todos) -> None:
    """A todo that was deleted stays away: for the next request, and after a SIGKILL."""
    made = lasting(todos)
    todos.delete(made)
    gone(todos, made, "DELETE and the next request")
    todos.server.restart(kill=True)
    gone(todos, made, "DELETE, a SIGKILL and a start")


def lasting(todos: Todos) -> Todo:
    """Return a todo in the database file. Raises CheckFailed where the app puts none there."""
    todos.server.start()
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
        help=why(after),
    )


def gone(todos: Todos, made: Todo, after: str) -> None:
    """Raise CheckFailed where the todo is there."""
    if todos.present([made]):
        raise CheckFailed(
            expected=f"no todo {made['id']} after {after}",
            actual=f"it is there: {todos.server.exchanges[-1]}",
            help=why(after),
        )


def why(after: str) -> str:
    """Where to look, by how far the write has come."""
    if after.endswith("next request"):
        return "The request was answered 2xx, and its session took back what was not committed."
    return "The process still had the write, the file did not: it was answered before a commit."
