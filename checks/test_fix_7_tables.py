"""fix-7: where there is no database yet, the app makes one with every table of its models."""

from lab.appserver.tables import drift
from lab.model import CheckFailed
from lab.verify.todos import Todos
from lab.workspace import databases


def test_lists_in_a_clone(todos: Todos) -> None:
    """Started without a database, the app lists its todos, before anything was made."""
    clone(todos)
    todos.all()


def test_creates_in_a_clone(todos: Todos) -> None:
    """Started without a database, the app makes a todo, and has it after a restart."""
    clone(todos)
    made = todos.create("first of all")
    todos.server.restart(kill=True)
    help = "It was made in a new database. What became of this one at the restart?"
    todos.must_have(made, "after a restart", help)


def test_makes_every_table(todos: Todos) -> None:
    """Started without a database, the app makes a table for each of its models, whole."""
    clone(todos)
    # A table may be made when it is first needed. Whether these two work is for the other checks.
    todos.server.get("/todos")
    answer = todos.server.post("/todos", {"title": "first of all"})
    if made := todos.told(answer) if answer.ok else None:
        # A model is known from its import on, which may stand in a function.
        todos.server.put(f"/todos/{made['id']}", {"title": "changed", "completed": True})
        todos.server.delete(f"/todos/{made['id']}")
    parted = drift(todos.server)
    if parted:
        raise CheckFailed(
            expected="a table for every model, with all of its columns",
            actual="; ".join(map(str, parted)),
            help="What was known of this model when the tables were made?",
        )


def clone(todos: Todos) -> None:
    """Start the app in a folder that has no database."""
    for path in databases.find(todos.server.folder):
        databases.remove(path)
    todos.server.start()
