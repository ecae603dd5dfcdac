"""fix-10: one and the same database, whatever folder the app is started from."""

from lab.model import AppFailed, CheckFailed
from lab.verify.diagnosis import of_lost
from lab.verify.todos import Todos
from lab.workspace import databases


def test_another_folder_has_the_same_todos(todos: Todos) -> None:
    """What was made from the app's own folder is there from another one that has an older file."""
    todos.server.start()
    leave_an_older_one(todos, "elsewhere")
    made = todos.create("made at home")
    start_from(todos, "elsewhere")
    same(todos, made, "a start from another folder, in which an older database lies")


def test_a_folder_outside_has_the_same_todos(todos: Todos) -> None:
    """What was made from the app's own folder is there from outside of it, and the other way."""
    todos.server.start()
    made = todos.create("made at home")
    try:
        start_from(todos, "../outside")
    except AppFailed as failure:
        if failure.crash is None or failure.crash.kind != "OutsideFolder":
            raise
        raise CheckFailed(
            expected="the database of the app's own folder, after a start from outside of it",
            actual=failure.message,
            help="What does your code look at to find its database: its own place, or that of the "
            "start?",
        ) from failure
    same(todos, made, "a start from outside of the app's folder")
    made = todos.create("made elsewhere")
    todos.server.restart()
    same(todos, made, "a second start from the same other folder")
    start_from(todos, "")
    same(todos, made, "a start from the app's own folder")


def leave_an_older_one(todos: Todos, folder: str) -> None:
    """Put the app's database, as it is by now, into this folder as well: break-10 leaves one."""
    todos.all()
    for path in todos.server.databases():
        older = todos.server.folder / folder / path.relative_to(todos.server.folder)
        older.parent.mkdir(parents=True, exist_ok=True)
        databases.copy(path, older)


def start_from(todos: Todos, folder: str) -> None:
    """Stop the server, and start it from this folder, seen from its own."""
    todos.server.stop()
    (todos.server.folder / folder).mkdir(parents=True, exist_ok=True)
    todos.server.cwd = folder
    todos.server.start()


def same(todos: Todos, made: dict[str, object], after: str) -> None:
    """Raise CheckFailed where the todo is not there."""
    if todos.present([made]):
        return
    files = [path.relative_to(todos.server.folder) for path in todos.server.databases()]
    raise CheckFailed(
        expected=f"{made} after {after}",
        actual=f"GET /todos without it; the app has opened {', '.join(map(str, files)) or 'none'}",
        help="A path that does not start at a fixed place starts in the folder of the start."
        if files
        else of_lost(todos.server, made),
    )
