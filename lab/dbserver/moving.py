"""Moving the rows of a SQLite file into tables that an app has made on a database server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.dbserver.problems import explaining
from lab.dbserver.tables import connected
from lab.dbserver.url import DatabaseURL
from lab.model import NotPossible, Rows
from lab.workspace import databases

if TYPE_CHECKING:
    from sqlalchemy import Column, Connection, Table

OFFSET = re.compile(r"([+-]\d\d(:?\d\d)?|Z)$")


@dataclass(frozen=True)
class Moved:
    """How many rows of a table were moved."""

    table: str
    rows: int


def move_rows(files: Sequence[Path], url: DatabaseURL) -> tuple[Moved, ...]:
    """Copy every row of the files, ids and times as they are, and let new ids follow them.

    All or nothing. Raises NotPossible where a table is missing on the server or has rows already,
    LabError.
    """
    from sqlalchemy import MetaData

    found = {
        table: databases.rows(path, table)
        for path in files
        for table in databases.tables(path)
        if table != databases.ALEMBIC  # the app keeps its own on the server
    }
    with connected(url) as connection, explaining(url):
        known = MetaData()
        known.reflect(connection)
        filled = {table: rows for table, rows in found.items() if rows.rows}
        _must_fit(connection, known.tables, filled, url)
        connection.commit()  # of what was read: the next is one transaction
        connection.execution_options(isolation_level="READ COMMITTED")
        with connection.begin():
            moved = []
            # A row that others refer to comes before them.
            for table in known.sorted_tables:
                if table.name in filled:
                    _insert(connection, table, filled[table.name])
                    moved.append(Moved(table.name, len(filled[table.name].rows)))
    return tuple(moved)


def _must_fit(connection: Connection, tables: Any, filled: Any, url: DatabaseURL) -> None:
    from sqlalchemy import select

    for name, rows in filled.items():
        if name not in tables:
            raise NotPossible(
                f"The app makes no table {name} on {url.kind}, and the file has {len(rows.rows)} "
                "rows in it.",
                "Is the app's code still the one that made the file? Nothing was moved.",
            )
        missing = sorted(set(rows.columns) - set(tables[name].columns.keys()))
        if missing:
            raise NotPossible(
                f"The table {name} on {url.kind} has no column {', '.join(missing)}.",
                "Is the app's code still the one that made the file? Nothing was moved.",
            )
        wanting = [c.name for c in tables[name].columns if c.name not in rows.columns and _must(c)]
        if wanting:
            raise NotPossible(
                f"The app's table {name} needs a value for {', '.join(wanting)}, and the rows of "
                "the file have none.",
                "Bring the file up to date first: `lab run fix-2 --migrate`. Nothing was moved.",
            )
        if connection.execute(select(tables[name]).limit(1)).first():
            raise NotPossible(
                f"The table {name} in the database {url.name} has rows already, and the lab does "
                "not mix them with yours.",
                "Name an empty database, or empty this one yourself. Nothing was moved.",
            )


def _insert(connection: Connection, table: Table, rows: Rows) -> None:
    from sqlalchemy import func, select

    quoted = connection.dialect.identifier_preparer
    columns = [table.columns[name] for name in rows.columns]
    listed = ", ".join(quoted.format_column(column) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    name = quoted.format_table(table)
    # PostgreSQL's columns that are GENERATED ALWAYS take a value only so.
    own = " OVERRIDING SYSTEM VALUE" if connection.dialect.name == "postgresql" else ""
    values = [
        tuple(_value(column, value) for column, value in zip(columns, row, strict=True))
        for row in rows.rows
    ]
    sql = f"INSERT INTO {name.replace('%', '%%')} ({listed.replace('%', '%%')}){own} VALUES"
    connection.exec_driver_sql(f"{sql} ({places})", values)
    if connection.dialect.name == "postgresql":
        for column in _counted(columns):
            last = connection.execute(select(func.max(column))).scalar()
            connection.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", (name, column.name, last)
            )


def _must(column: Column[Any]) -> bool:
    """Whether a row has to bring a value for the column."""
    given = column.server_default is not None or column.identity or column.computed
    return not (column.nullable or given)


def _counted(columns: Sequence[Column[Any]]) -> Iterator[Column[Any]]:
    """Yield the columns whose values PostgreSQL counts up."""
    for column in columns:
        default = getattr(column.server_default, "arg", "")
        if column.identity is not None or "nextval(" in str(default):
            yield column


def _value(column: Column[Any], value: Any) -> Any:
    """Return a value of SQLite's as the column takes it: SQLite has no booleans and no times."""
    from sqlalchemy import Boolean, DateTime

    if isinstance(column.type, Boolean) and value is not None:
        return bool(value)
    if isinstance(column.type, DateTime) and column.type.timezone and isinstance(value, str):
        # SQLite has forgotten the offset, and SQLAlchemy's apps store UTC.
        return value if OFFSET.search(value[10:]) else f"{value}+00:00"
    return value
