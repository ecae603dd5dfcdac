"""Adding to a SQLite table, through Alembic, the columns that its model has and it lacks."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.model import NotPossible
from lab.workspace import databases

if TYPE_CHECKING:
    from sqlalchemy import Column

Model = Mapping[str, Any]  # as the probe reports it


@dataclass(frozen=True)
class Addition:
    """A column for a table that lacks it; `references` is "users.id" for a foreign key."""

    table: str
    column: Column[Any]
    references: str | None = None


def lacking(path: Path, models: Sequence[Model]) -> list[Addition]:
    """Return the columns that the tables of a database lack. Tables that are missing do not count.

    Raises NotPossible where a column has no value for the rows that are there, or is a key.
    """
    with databases.reading(path) as reader:
        there = {table: reader.columns(table) for table in reader.tables()}
    return [
        Addition(model["table"], _column(model["table"], column), column.get("references"))
        for model in models
        if model["table"] in there
        for column in model["columns"]
        if column["name"] not in there[model["table"]]
    ]


def migrate(path: Path, models: Sequence[Model]) -> tuple[str, ...]:
    """Add the missing columns to the tables of one database and return the SQL that ran.

    Raises NotPossible as lacking() does, and where the database may only be read.
    """
    missing = lacking(path, models)
    if missing and not os.access(path, os.W_OK):
        raise NotPossible(
            f"{path.name} may only be read, and its table needs another column.",
            f"Give yourself the right to write it: `chmod u+w {path.name}`.",
        )
    return _added(path, missing) if missing else ()


def _added(path: Path, additions: Sequence[Addition]) -> tuple[str, ...]:
    # Both take long to import, and no other exercise needs them in this process.
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from sqlalchemy import URL, NullPool, create_engine, event

    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    ran: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def remember(connection: Any, cursor: Any, sql: str, *_: object) -> None:
        ran.append(sql.strip())

    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        for addition in additions:
            table, column = addition.table, addition.column
            if addition.references is None:
                operations.add_column(table, column)
                continue
            # Alembic would add the foreign key afterwards, which SQLite cannot.
            quote = engine.dialect.identifier_preparer.quote
            other, _, key = addition.references.rpartition(".")
            connection.exec_driver_sql(
                f"ALTER TABLE {quote(table)} ADD COLUMN {quote(column.name)} "
                f"{column.type.compile(engine.dialect)} REFERENCES {quote(other)} ({quote(key)})"
            )
    return tuple(sql for sql in ran if sql.upper().startswith("ALTER"))


def _column(table: str, found: Mapping[str, Any]) -> Column[Any]:
    """Return the column, with a default that the database itself gives to the rows of before."""
    import sqlalchemy

    name, default = found["name"], found["default"]
    if found["primary_key"] or (not found["nullable"] and default is None):
        raise NotPossible(
            f"The column {name} must have a value, and the model names none for the rows that "
            f"the table {table} has.",
            f"Give {name} a default in the model, or let it be empty; or delete the database file.",
        )
    kind = getattr(sqlalchemy, found["type"], sqlalchemy.String)
    column_type = kind(found["length"]) if found["length"] else kind()
    # A default in Python is for rows that the app makes. The old ones need one in the database.
    server_default = default
    if isinstance(default, int | float):  # True and False are numbers, for SQLite as well
        server_default = sqlalchemy.text(str(default + 0))
    return sqlalchemy.Column(
        name, column_type, nullable=found["nullable"], server_default=server_default
    )
