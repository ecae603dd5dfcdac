"""The tables behind a server: the rows of the todos, and where model and table have parted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.model import NotPossible
from lab.remote import tables as remote
from lab.workspace import databases

if TYPE_CHECKING:
    from lab.server.server import Server


@dataclass(frozen=True)
class Drift:
    """A mapped class whose table lacks some of its columns, or is not there at all."""

    model: str
    table: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"the table {self.table} lacks {', '.join(self.columns)} of the model {self.model}"


def drift(server: Server) -> list[Drift]:
    """The models of a running server that its databases do not match."""
    have: dict[str, set[str]] = {}
    for table, names in _found(server):
        have.setdefault(table, set()).update(names)
    found = []
    for model in server.models():
        columns = [column["name"] for column in model["columns"]]
        missing = tuple(name for name in columns if name not in have.get(model["table"], set()))
        if missing:
            found.append(Drift(model["name"], model["table"], missing))
    return found


def todo_rows(paths: list[Path], mapped: Collection[str] = ()) -> databases.Rows | None:
    """The rows of the table that holds the todos; None where there is no such table.

    Where the tables that the app has `mapped` are known, only those count.
    """
    found = todo_table(paths, mapped)
    return databases.rows(*found) if found else None


def todo_table(paths: list[Path], mapped: Collection[str] = ()) -> tuple[Path, str] | None:
    """The file and the name of the table that holds the todos; None where there is none."""
    for path in paths:
        tables = [table for table in _tables(path) if not mapped or table in mapped]
        named = [table for table in tables if table.lower() in {"todos", "todo"}]
        shaped = [table for table in tables if "completed" in databases.columns(path, table)]
        for table in named + shaped:
            return path, table
    return None


def rows_of(server: Server) -> databases.Rows | None:
    """The rows of the table that holds the todos of a server, also while it is stopped."""
    mapped = {model["table"] for model in server.models()} if server.running else set()
    if server.database_url:
        return remote.todo_rows(server.database_url, mapped)
    return todo_rows(server.databases() or databases.find(server.folder), mapped)


def ids(rows: databases.Rows | None) -> list[object]:
    """The values of the id column, or of the first one where none has this name."""
    if rows is None:
        return []
    place = rows.columns.index("id") if "id" in rows.columns else 0
    return [row[place] for row in rows.rows]


def _found(server: Server) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The tables behind a server, each with its columns."""
    if server.database_url:
        yield from remote.columns(server.database_url).items()
        return
    for path in server.databases():
        for table in _tables(path):
            yield table, databases.columns(path, table)


def _tables(path: Path) -> tuple[str, ...]:
    try:
        return databases.tables(path) if path.exists() else ()
    except NotPossible:
        return ()  # a damaged file has no tables that could be read
