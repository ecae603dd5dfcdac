"""break-20: a backup is made without an error, and lacks a todo that was answered 2xx."""

from lab.model import CheckFailed
from lab.verify.experiments.backups import Backups
from lab.verify.todos import Todos

FILE = "backup.db"


def test_the_backup_lacks_a_todo(todos: Todos) -> None:
    """The API on a backup that was made while it ran lacks a todo that it had answered 2xx."""
    todos.server.start()
    made = todos.create("made before the backup")
    backups = Backups(todos)
    backups.make(FILE)
    backups.restore(FILE)
    if todos.present([made]):
        raise CheckFailed(
            expected="a backup that lacks a todo which was answered 2xx before",
            actual="the todo is in it",
            help="So it was in the file when that was copied. Is the write-ahead log on, and does "
            "a connection stay open between two requests? The last one that closes writes the log "
            "back.",
        )
