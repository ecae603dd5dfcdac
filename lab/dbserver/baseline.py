"""What a database on a server holds at one moment, brought back later under an app that runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lab.dbserver.problems import explaining
from lab.dbserver.tables import connected
from lab.dbserver.url import DatabaseURL

if TYPE_CHECKING:
    from sqlalchemy import Connection

# The app's own tables are all that are not of the server itself.
OWN = {
    "postgresql": "table_schema NOT IN ('pg_catalog', 'information_schema')",
    "mysql": "table_schema = DATABASE()",
}
# Seconds for a table that is locked; one that is at rest is not.
IMPATIENT = {"postgresql": "SET lock_timeout = '500ms'", "mysql": "SET lock_wait_timeout = 1"}
Table = tuple[str, str]  # its schema, its name


@contextmanager
def baseline(url: DatabaseURL) -> Iterator[Baseline]:
    """Remember what a database holds now, for as long as the block takes. Raises LabError."""
    with connected(url) as connection:
        connection.exec_driver_sql(IMPATIENT[url.dialect])
        yield Baseline(connection, url)


class Baseline:
    """A database as it was. Use baseline(), which keeps the connection for it."""

    def __init__(self, connection: Connection, url: DatabaseURL) -> None:
        self._connection = connection
        self._url = url
        self._columns = self._read_columns()
        with_rows = {table: self._rows(table) for table in self._tables()}
        self._empty = [table for table, rows in with_rows.items() if not rows]
        self._filled = {table: rows for table, rows in with_rows.items() if rows}
        self._sequences = self._used_sequences()

    @property
    def has_tables(self) -> bool:
        """Whether there was any table."""
        return bool(self._columns)

    def restore(self) -> bool:
        """Empty what was empty; whether the database is now what it was.

        It is not where a table or a column came or went, or where rows that it had have changed.
        Raises LabError, also where a table stays locked.
        """
        with explaining(self._url):
            if self._read_columns() != self._columns:
                return False
            if any(self._rows(table) != rows for table, rows in self._filled.items()):
                return False
            self._truncate()
            return self._used_sequences() == self._sequences

    def _truncate(self) -> None:
        names = [self._quoted(table) for table in self._empty]
        if self._url.dialect == "postgresql":
            if names:
                self._run(f"TRUNCATE {', '.join(names)}")
            known = [f"{schema}.{name}" for schema, name, _ in self._sequences]
            self._run(
                "SELECT setval(format('%%I.%%I', schemaname, sequencename), start_value, false) "
                "FROM pg_sequences WHERE last_value IS NOT NULL "
                "AND schemaname || '.' || sequencename <> ALL(%s)",
                known,
            )
            return
        self._run("SET foreign_key_checks = 0")
        for name in names:  # which has ids begin anew as well
            self._run(f"TRUNCATE {name}")

    def _read_columns(self) -> list[tuple[Any, ...]]:
        return self._run(
            "SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default "
            f"FROM information_schema.columns WHERE {OWN[self._url.dialect]} ORDER BY 1, 2, 3"
        )

    def _tables(self) -> list[Table]:
        found = self._run(
            "SELECT table_schema, table_name FROM information_schema.tables "
            f"WHERE table_type = 'BASE TABLE' AND {OWN[self._url.dialect]}"
        )
        return [(schema, name) for schema, name in found]

    def _rows(self, table: Table) -> list[tuple[Any, ...]]:
        return self._run(f"SELECT * FROM {self._quoted(table)} ORDER BY 1")

    def _used_sequences(self) -> list[tuple[Any, ...]]:
        if self._url.dialect != "postgresql":
            return []  # they are part of their tables
        return self._run(
            "SELECT schemaname, sequencename, last_value FROM pg_sequences "
            "WHERE last_value IS NOT NULL ORDER BY 1, 2"
        )

    def _quoted(self, table: Table) -> str:
        quote = self._connection.dialect.identifier_preparer.quote_identifier
        return ".".join(quote(name).replace("%", "%%") for name in table)

    def _run(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        result = self._connection.exec_driver_sql(sql, values)
        return [tuple(row) for row in result] if result.returns_rows else []
