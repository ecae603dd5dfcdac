"""The rows of the todos in SQLite files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from lab.model import NotPossible, Rows
from lab.workspace import databases


def todo_rows(paths: list[Path], mapped: Collection[str] = ()) -> Rows | None:
    """The rows of the table that holds the todos; None where there is no such table.

    Where the tables that the app has `mapped` are known, only those count.
    """
    found = todo_table(paths, mapped)
    return databases.rows(*found) if found else None


def todo_table(paths: list[Path], mapped: Collection[str] = ()) -> tuple[Path, str] | None:
    """The file and the name of the table that holds the todos; None where there is none."""
    for path in paths:
        known = [table for table in tables(path) if not mapped or table in mapped]
        named = [table for table in known if table.lower() in {"todos", "todo"}]
        shaped = [table for table in known if "completed" in databases.columns(path, table)]
        for table in named + shaped:
            return path, table
    return None


def ids(rows: Rows | None) -> list[object]:
    """The values of the id column, or of the first one where none has this name."""
    if rows is None:
        return []
    place = rows.columns.index("id") if "id" in rows.columns else 0
    return [row[place] for row in rows.rows]


def tables(path: Path) -> tuple[str, ...]:
    """The names of the tables of a file; none where there is no file, or a damaged one."""
    try:
        return databases.tables(path) if path.exists() else ()
    except NotPossible:
        return ()  # a damaged file has no tables that could be read
