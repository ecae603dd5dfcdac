"""A copy of a database on its own server, with all its tables, rows, and the next ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.dbserver.tables import connected
from lab.dbserver.url import DatabaseURL

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table


def copy_database(source: DatabaseURL, target: DatabaseURL) -> None:
    """Fill an empty database with what another one on the same server holds.

    The source is only read, also while others use it. A server without a database has nothing to
    copy. Raises LabError.
    """
    if not source.name:
        return
    with connected(source) as old, connected(target) as new:
        if source.dialect == "mysql":
            _copy_mysql(old, new, source.name)
        else:
            _copy_postgresql(old, new)


def _copy_mysql(old: Connection, new: Connection, source: str) -> None:
    from sqlalchemy import inspect

    quote = new.dialect.identifier_preparer.quote_identifier
    new.exec_driver_sql("SET SESSION foreign_key_checks = 0")
    for name in inspect(old).get_table_names():
        made = old.exec_driver_sql(f"SHOW CREATE TABLE {quote(name)}").one()[1]
        new.exec_driver_sql(_literal(made))
        generated = {c["name"] for c in inspect(old).get_columns(name) if c.get("computed")}
        columns = [c["name"] for c in inspect(old).get_columns(name) if c["name"] not in generated]
        listed = ", ".join(quote(column) for column in columns)
        new.exec_driver_sql(
            _literal(
                f"INSERT INTO {quote(name)} ({listed}) "
                f"SELECT {listed} FROM {quote(source)}.{quote(name)}"
            )
        )


def _copy_postgresql(old: Connection, new: Connection) -> None:
    from sqlalchemy import MetaData

    known = MetaData()
    known.reflect(old)
    numbered = {table.name: _own_sequences(old, table) for table in known.sorted_tables}
    known.create_all(new)
    for table in known.sorted_tables:
        name = new.dialect.identifier_preparer.format_table(table)
        rows = _driver(old).cursor().copy(f"COPY {name} TO STDOUT (FORMAT BINARY)")
        into = _driver(new).cursor().copy(f"COPY {name} FROM STDIN (FORMAT BINARY)")
        with rows as read, into as write:
            for data in read:
                write.write(data)
        for column, (last, called) in numbered[table.name].items():
            new.exec_driver_sql(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)",
                (name, column, last, called),
            )


def _own_sequences(connection: Connection, table: Table) -> dict[str, tuple[int, bool]]:
    """Return the sequences behind the columns of a table: the last number, and whether it was used.

    The table is prepared to be made anew, each such column with a sequence of its own.
    """
    found = {}
    name = connection.dialect.identifier_preparer.format_table(table)
    for column in table.columns:
        column.autoincrement = False
        sequence = connection.exec_driver_sql(
            "SELECT pg_get_serial_sequence(%s, %s)", (name, column.name)
        ).scalar()
        if sequence is None:
            continue
        last, called = connection.exec_driver_sql(
            f"SELECT last_value, is_called FROM {sequence}"
        ).one()
        found[column.name] = (int(last), bool(called))
        if column.identity is None:
            column.server_default = None
            column.autoincrement = True
    return found


def _driver(connection: Connection) -> Any:
    """Return the connection as the driver knows it."""
    return connection.connection.driver_connection


def _literal(sql: str) -> str:
    """Return SQL without values: the driver is not to look for their places in it."""
    return sql.replace("%", "%%")
