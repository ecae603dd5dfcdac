"""The checks of a move to a database server: one set, whichever server it is."""

from __future__ import annotations

from lab.model import CheckFailed
from lab.verify.experiments.row_comparison import compare, new_ids_follow, rows_in_file
from lab.verify.todos import Todos


def test_every_todo_has_arrived(own: Todos) -> None:
    """Every todo of the file is in your database, with its id, its time and all else."""
    compare(own)
    own.server.start()
    own.all()


def test_moved_todos_are_listed(own: Todos) -> None:
    """The app lists the todos that were moved to the server, also after a restart."""
    there = rows_in_file(own).rows
    for start in (own.server.start, own.server.restart):
        start()
        if not own.all() and there:
            raise CheckFailed(
                expected="GET /todos lists the todos that were moved",
                actual=str(own.server.exchanges[-1]),
                help="Do they lie in the table that the model maps, in the database of the URL?",
            )


def test_new_todos_follow(own: Todos) -> None:
    """A new todo gets an id after those that were moved, and is still there after a restart."""
    own.server.start()
    new_ids_follow(own)
    made = own.create("and one more")
    own.server.restart(kill=True)
    own.must_have(made, "after a restart", "It was answered 2xx. Is it committed?")
