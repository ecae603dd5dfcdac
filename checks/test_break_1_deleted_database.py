"""break-1: the database is deleted while the server runs."""

from lab.appserver.rows import todo_rows
from lab.model import CheckFailed
from lab.verify.experiments.deleted_database import TITLE, delete_database
from lab.verify.todos import Todos
from lab.workspace import databases


def test_the_database_is_gone(own: Todos) -> None:
    """The workspace's database file is deleted, and the server has not been restarted since."""
    found = databases.find(own.server.folder)
    rows = todo_rows(found)
    if rows is not None:
        raise CheckFailed(
            expected="no database file with todos: it was deleted under a running server",
            actual=f"{found[0].name} is there, with {len(rows.rows)} rows",
            help="Start your server, make a todo, delete the file, and do not restart yet.",
        )


def test_a_write_is_lost(own: Todos) -> None:
    """What is written to a running server after its file was deleted fails, or is lost."""
    own.server.start()
    own.create("made before the file was deleted")
    delete_database(own)
    answer = own.server.post("/todos", {"title": TITLE})
    if not answer.ok:
        return
    own.server.restart()
    if any(todo.get("title") == TITLE for todo in own.all()):
        raise CheckFailed(
            expected="POST /todos fails, or what it answers is lost at the restart",
            actual=f"{answer}, and the todo is there after a restart",
            help="This app opens the file anew for each request: it cannot be broken this way.",
        )
