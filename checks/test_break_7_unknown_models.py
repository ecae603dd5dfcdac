"""break-7: the tables are created before any model is known."""

from lab.model import CheckFailed
from lab.verify.todos import Todos
from lab.workspace import databases


def test_a_clone_gets_no_table(todos: Todos) -> None:
    """Started without a database, the app makes a file without a table of todos, and POST fails."""
    for path in databases.find(todos.server.folder):
        databases.remove(path)
    todos.server.start()
    answer = todos.server.post("/todos", {"title": "into no table"})
    if answer.ok:
        raise CheckFailed(
            expected="POST /todos fails on a database that the app has just made",
            actual=str(answer),
            help="The table is there. Which line made it, and what was imported by then?",
        )
    said = answer.crash.message if answer.crash else ""
    if "no such table" not in said:
        raise CheckFailed(
            expected="POST /todos fails for want of a table",
            actual=f"{answer.status}: {said or answer.text}",
            help="Something else is wrong. The app should start, and find no table.",
        )
