"""break-13: a write to a deleted database is acknowledged, and lost."""

from lab.model import CheckFailed
from lab.verify.experiments.deleted_database import write_after_deletion
from lab.verify.todos import Todos


def test_a_write_is_acknowledged_and_lost(own: Todos) -> None:
    """After the database was deleted POST answers 2xx, and the todo is gone after a restart."""
    ((answer, there),) = write_after_deletion(own)
    if not answer.ok or there:
        raise CheckFailed(
            expected="2xx for a POST after the file was deleted, and no such todo after a restart",
            actual=f"{answer}, and after the restart the todo is {'there' if there else 'gone'}",
            help="The write fails loudly: with which journal does SQLite look for its file?"
            if not answer.ok
            else "The app opens or makes the file anew, so nothing is lost this way.",
        )
