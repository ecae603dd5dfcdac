"""fix-1: the database of a running server is deleted, and a restart brings the tables back."""

from lab.answers import Todo
from lab.model import CheckFailed
from lab.verify.diagnosis import of_lost
from lab.verify.experiments.deleted_database import delete_database
from lab.verify.todos import Todos


def test_lists_after_the_restart(running: Todos) -> None:
    """After the database was deleted and the server restarted, GET /todos works, then POST."""
    delete_and_restart(running)
    running.all()
    survives(running, running.create("Made after the list"))


def test_creates_after_the_restart(running: Todos) -> None:
    """After the database was deleted and the server restarted, POST /todos works at once."""
    delete_and_restart(running)
    survives(running, running.create("Made first of all"))
    running.all()


def test_works_on_the_own_database(own: Todos) -> None:
    """On the workspace's own database, GET /todos works, and what is made is kept."""
    own.server.start()
    own.all()
    survives(own, own.create("Made in the own database"))


def delete_and_restart(todos: Todos) -> None:
    """Make a todo, delete the database under the running server, restart."""
    todos.server.get("/todos")  # the request that makes the tables, where one of the two does
    todos.create("Made before the file was deleted")
    delete_database(todos)
    todos.server.get("/todos")  # who opens a new connection makes an empty file
    todos.server.restart()


def survives(todos: Todos, made: Todo) -> None:
    """Raise CheckFailed where the todo is not there after one more restart."""
    todos.server.restart(kill=True)
    if not todos.present([made]):
        last = todos.server.exchanges[-1]
        raise CheckFailed(
            expected=f"{made} after one more restart",
            actual=f"{last.method} {last.path} answers {last}",
            help=of_lost(todos.server, made),
        )
