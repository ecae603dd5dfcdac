"""The rows of the todos in SQLite files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from lab.model import NotPossible, Rows
from lab.workspace import databases


def todo_rows(paths: Sequence[Path], mapped: Collection[str] = ()) -> Rows | None:
    """Return the rows of the table that holds the todos; None where there is no such table.

    Where the tables that the app has `mapped` are known, only those count.
    """
    return next((reader.rows(table) for _, reader, table in _holding(paths, mapped)), None)


def todo_table(paths: Sequence[Path], mapped: Collection[str] = ()) -> tuple[Path, str] | None:
    """Return the file and the name of the table that holds the todos; None where there is none."""
    return next(((path, table) for path, _, table in _holding(paths, mapped)), None)


def _holding(
    paths: Sequence[Path], mapped: Collection[str]
) -> Iterator[tuple[Path, databases.Reader, str]]:
    """Yield the files that hold todos, each opened, and the table that does."""
    for path in paths:
        with ExitStack() as stack:
            try:
                reader = stack.enter_context(databases.reading(path))
                tables = reader.tables()
                known = {t: reader.columns(t) for t in tables if not mapped or t in mapped}
            except NotPossible:
                continue  # a missing or a damaged file has no tables that could be read
            # Whatever it is called, the only one has the todos, where it has more than an id.
            alone = known if len(mapped or tables) == 1 else {}
            full = (table for table, names in alone.items() if len(names) > 1)
            table = databases.table_of_todos(known) or next(full, None)
            if table is not None:
                yield path, reader, table


def texts_in(paths: Sequence[Path], folder: Path) -> dict[str, frozenset[str]]:
    """Return the texts in each file, by its path in the folder: in whatever table and column.

    A file without a table is left out, and so is what only Alembic knows.
    """
    found = {}
    for path in paths:
        with suppress(NotPossible), databases.reading(path) as reader:
            rows = [
                reader.rows(table).rows for table in reader.tables() if table != databases.ALEMBIC
            ]
            values = (value for table in rows for row in table for value in row)
            if rows:
                name = path.relative_to(folder).as_posix()
                found[name] = frozenset(value for value in values if isinstance(value, str))
    return found


def columns(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the tables of a file, each with its columns; none of a missing or a damaged file."""
    try:
        with databases.reading(path) as reader:
            return {table: reader.columns(table) for table in reader.tables()}
    except NotPossible:
        return {}


def ids(rows: Rows | None) -> list[object]:
    """Return the values of the id column, or of the first one where none has this name."""
    if rows is None:
        return []
    place = rows.columns.index("id") if "id" in rows.columns else 0
    return [row[place] for row in rows.rows]
