"""A write to a server whose database was deleted, and what is left of it."""

from __future__ import annotations

from lab.model import CheckFailed, Exchange
from lab.verify.todos import Todos

TITLE = "made after the file was deleted"


def delete_database(todos: Todos) -> None:
    """Delete the database of a running server. Raises CheckFailed where there is no file of it."""
    if not todos.server.delete_databases():
        raise CheckFailed(
            expected="todos in a database file, such as todos.db, that can be deleted",
            actual="the app has opened no database file",
            help="Where does the app keep its todos? What is in memory is gone with the process.",
        )


def write_after_deletion(todos: Todos) -> tuple[Exchange, bool]:
    """Delete the database of a running server and POST: (the answer, is it there afterwards?).

    The server is restarted in between. Raises CheckFailed where there is no file to delete.
    """
    todos.server.start()
    todos.create("made before the file was deleted")
    delete_database(todos)
    answer = todos.server.post("/todos", {"title": TITLE})
    todos.server.restart()
    return answer, any(todo.get("title") == TITLE for todo in todos.all())
