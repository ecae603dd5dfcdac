"""fix-26: what Alembic writes by itself keeps what is there, and makes what is missing."""

from pathlib import Path

from lab.appserver.locked import opened
from lab.model import CheckFailed, Evidence
from lab.verify.experiments.migrations import (
    command,
    rows,
    table_in,
    write_and_run_the_next,
)
from lab.verify.todos import Todos
from lab.workspace import databases

OTHERS = ("lab_visits", "todo_visits")  # tables of another program, whatever they are called
VISITS = ((1, "a visitor"), (2, "another one"))


def test_nothing_is_lost(fresh: Todos) -> None:
    """The next revision keeps every todo, and a table that no model knows."""
    ran = command(fresh, "upgrade", "head")
    fresh.server.start()
    for number in range(2):
        fresh.create(f"made before the revision {number}")
    fresh.server.stop()
    found = table_in(ran.databases)
    if found is None:
        raise CheckFailed(
            expected="the todos are in a database that `alembic upgrade head` has made",
            actual="none of those that it has opened has a table of todos",
            help="Do Alembic and your app use the same database?",
        )
    path = next(path for path in ran.databases if found[0] in databases.tables(path))
    make_others(path)
    before = rows([path])
    revision = write_and_run_the_next(fresh)
    after = rows(revision.databases)
    if after != before:
        raise CheckFailed(
            expected=f"the todos are as they were after the next revision: {before}",
            actual=f"they are {after}",
            help="Models and tables agree, so it has nothing to do for them. Which models does "
            "Alembic know, by the time that it compares?",
            shown=revision.written,
        )
    must_have_others(path, revision.written)


def test_what_is_missing_is_made(fresh: Todos) -> None:
    """On a database that lacks the table of the todos, the next revision makes it."""
    # It says that all was done, on a database that has nothing, or another program's tables alone.
    ran = command(fresh, "stamp", "head")
    for path in ran.databases[:1]:
        make_others(path)
    revision = write_and_run_the_next(fresh)
    if table_in(revision.databases) is None:
        raise CheckFailed(
            expected="a table of todos after the next revision, on a database that has none",
            actual="there is none",
            help="A model that Alembic knows, and that has no table, gets one. Which models does "
            "it know?",
            shown=revision.written,
        )


def make_others(path: Path) -> None:
    """Make the tables of another program in a database, each with an index."""
    with opened(path) as database:
        for table in OTHERS:
            database.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT)")
            database.execute(f"CREATE UNIQUE INDEX {table}_by_name ON {table} (name)")
            database.executemany(f"INSERT INTO {table} VALUES (?, ?)", VISITS)


def must_have_others(path: Path, written: Evidence) -> None:
    """Raise CheckFailed where one of those tables is not as it was made."""
    for table in OTHERS:
        with databases.reading(path) as reader:
            found = reader.rows(table).rows if table in reader.tables() else None
        with opened(path) as database:
            index = database.execute(f"SELECT name FROM pragma_index_list('{table}')").fetchall()
        if found != VISITS or not index:
            has = "it is gone" if found is None else f"its rows are {found}"
            raise CheckFailed(
                expected=f"a table that no model knows, {table}, is there with its rows and index",
                actual=has if found != VISITS else "its index is gone",
                help="Another program may have made it. Where can you tell Alembic which tables "
                "are no matter of yours?",
                shown=written,
            )
