"""break-26: Alembic knows none of the models, and drops the table of the todos."""

from lab.model import CheckFailed
from lab.verify.experiments.migrations import command, table_in, write_and_run_the_next
from lab.verify.todos import Todos


def test_the_table_goes_with_the_next_revision(fresh: Todos) -> None:
    """The next revision that Alembic writes by itself drops the table of the todos."""
    command(fresh, "upgrade", "head")
    fresh.server.start()
    fresh.create("made before the revision")
    fresh.server.stop()
    after = write_and_run_the_next(fresh)
    if found := table_in(after.databases):
        raise CheckFailed(
            expected="no table of todos after `alembic revision --autogenerate` and "
            "`alembic upgrade head`",
            actual=f"the table {found[0]} is there",
            help="Which models are in the metadata by the time that Alembic reads it? Who has "
            "imported them?",
            shown=after.written,
        )
