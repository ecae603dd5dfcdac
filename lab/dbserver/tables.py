"""Reading the tables of a database on a server, as the app has left them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.dbserver.problems import explaining
from lab.dbserver.url import BadURL, DatabaseURL
from lab.model import LabError, Rows
from lab.workspace.databases import table_of_todos

if TYPE_CHECKING:
    from sqlalchemy import Connection

CONNECT_SECONDS = 15  # also of a server on a machine with much else to do


@contextmanager
def connected(url: DatabaseURL, name: str = "lab") -> Iterator[Connection]:
    """Yield a connection of the lab's own, each statement committed. Raises what explaining() does.

    PostgreSQL knows it by its `name`.
    """
    from sqlalchemy import NullPool, create_engine

    engine = create_engine(
        url.own_driver,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": CONNECT_SECONDS}
        | ({"application_name": name} if url.dialect == "postgresql" else {}),
        hide_parameters=True,
    )
    with explaining(url):
        try:
            opened = engine.connect()
        except RuntimeError as error:  # PyMySQL's word for a package that it lacks
            raise LabError(
                f"{url.kind} asks for a password in a way that the driver cannot answer: {error}.",
                f'Install what it needs: `pip install "persistence-lab[{url.dialect}]"`.',
            ) from None
        except TypeError as error:
            raise BadURL(
                "The database URL has an option that its driver does not know.",
                f"Look at what follows the ? in it: {error}.",
            ) from None
        with opened as connection:
            yield connection


def columns(url: DatabaseURL) -> dict[str, tuple[str, ...]]:
    """Return the tables, each with the names of its columns. Raises LabError."""
    with connected(url) as connection:
        return _columns(connection)


def todo_rows(url: DatabaseURL, mapped: Collection[str] = ()) -> Rows | None:
    """Return the rows of the table that holds the todos; None where there is no such table.

    Where the tables that the app has `mapped` are known, only those count. Raises LabError.
    """
    with connected(url) as connection:
        found = _columns(connection)
        known = {table: names for table, names in found.items() if not mapped or table in mapped}
        table = table_of_todos(known)
        return _rows(connection, table) if table else None


def _columns(connection: Connection) -> dict[str, tuple[str, ...]]:
    from sqlalchemy import inspect

    about = inspect(connection)
    return {
        table: tuple(column["name"] for column in about.get_columns(table))
        for table in sorted(about.get_table_names())
    }


def _rows(connection: Connection, table: str) -> Rows:
    quoted = connection.dialect.identifier_preparer.quote(table)
    result = connection.exec_driver_sql(f"SELECT * FROM {quoted} ORDER BY 1")
    return Rows(tuple(result.keys()), tuple(tuple(row) for row in result))
