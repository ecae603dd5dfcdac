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


def write_after_deletion(todos: Todos, times: int = 1) -> list[tuple[Exchange, bool]]:
    """Delete the database of a running server and POST: (the answer, is it there afterwards?).

    So many `times`, and the server is restarted once, in the end. Raises CheckFailed where there is
    no file to delete.
    """
    todos.server.start()
    todos.create("made before the file was deleted")
    delete_database(todos)
    titles = [f"{TITLE}, {number}" for number in range(1, times + 1)]
    answers = [todos.server.post("/todos", {"title": title}) for title in titles]
    todos.server.restart()
    listed = [todo.get("title") for todo in todos.all()]
    return [(answer, title in listed) for answer, title in zip(answers, titles, strict=True)]
