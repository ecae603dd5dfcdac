"""break-10: started from another folder, the app opens another database."""

from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_another_folder_has_another_database(todos: Todos) -> None:
    """Started from another folder, the app runs, and lists none of the todos."""
    todos.server.start()
    made = todos.create("made at home")
    todos.server.stop()
    (todos.server.folder / "elsewhere").mkdir()
    todos.server.cwd = "elsewhere"
    todos.server.start()
    if todos.present([made]):
        raise CheckFailed(
            expected="GET /todos without the todo that was made from the first folder",
            actual=f"it is there: {todos.server.exchanges[-1]}",
            help="The app finds its database from everywhere: does its path start at __file__?",
        )
