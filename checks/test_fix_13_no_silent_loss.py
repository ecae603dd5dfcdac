"""fix-13: what is answered 2xx is not lost where the database was deleted under the server."""

from lab.model import CheckFailed
from lab.verify.experiments.deleted_database import write_after_deletion
from lab.verify.todos import Todos

POSTS = 2  # who has told the first client, and gone on with the old file, loses the second one


def test_no_write_is_lost_in_silence(own: Todos) -> None:
    """After the database was deleted each POST fails, or its todo is there after a restart."""
    for answer, there in write_after_deletion(own, POSTS):
        if there or not answer.ok:
            continue
        raise CheckFailed(
            expected="no 2xx for a todo that the next start does not have",
            actual=f"{answer}, and after the restart the todo is gone",
            help="Either nobody noticed that the file has no name any more, or the client was not "
            "told. Is the file of this workspace still in WAL mode? `PRAGMA journal_mode;` tells.",
        )


def test_writes_to_a_file_that_is_there(own: Todos) -> None:
    """As long as the file is there, what is made, changed and deleted is kept over a kill."""
    own.server.start()
    made, gone = own.create("made"), own.create("to be deleted")
    own.update(made, title="changed")
    own.delete(gone)
    own.server.restart(kill=True)
    found = own.present([made, gone])
    if [todo.get("title") for todo in found] != ["changed"]:
        raise CheckFailed(
            expected="the changed todo, and the deleted one gone, after SIGKILL and a start",
            actual=str(found),
            help="The database was there all the time: these writes have to last.",
        )
