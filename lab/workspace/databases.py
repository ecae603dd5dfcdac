"""SQLite files: found, copied, restored and read, without a trace beside the original."""

from __future__ import annotations

import glob
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from lab.model import NotADatabase, NotPossible, Rows
from lab.workspace import files
from lab.workspace.files import cannot_write, sync_folder, temporary_for, walk, writing
from lab.workspace.private_copy import (
    SIDECARS,
    WAIT,
    code,
    explained,
    explaining,
    opened,
    sidecar,
    until,
)

HEADER = b"SQLite format 3\0"
ALEMBIC = "alembic_version"  # the table in which Alembic keeps a database's revision
ENDINGS = (".db", ".sqlite", ".sqlite3")
LARGEST = 2**30  # bytes; what is larger holds no todos, and is left alone
# Bytes 18 and 19 of the file format: 2 for write-ahead logging, else 1.
_JOURNAL_MODE = 18


def find(folder: Path) -> list[Path]:
    """Return the databases in a folder and below, sorted, links included.

    A file counts by its first bytes or by its name: a damaged or an empty one counts too.
    """
    tree = walk(folder)
    return [
        folder / name
        for name in sorted((*tree.files, *tree.big, *tree.links))
        if is_database(folder / name)
    ]


def is_database(path: Path) -> bool:
    """Tell whether a file is a database, by its first bytes or its name."""
    if not path.is_file():
        return False
    try:
        if path.stat().st_size > LARGEST:
            return False
        if path.suffix.lower() in ENDINGS:
            return True
        with path.open("rb") as stream:
            return stream.read(len(HEADER)) == HEADER
    except OSError:
        return False


def files_of(path: Path) -> list[Path]:
    """Return a database's file and those that SQLite keeps beside it, sorted.

    None of them is a pipe, which would be waited for.
    """
    beside = path.parent.glob(f"{glob.escape(path.name)}*")
    return sorted(file for file in beside if file.is_file())


def copy(source: Path, target: Path) -> None:
    """Make `target` a copy of the database as of its last commit, as one file.

    Nothing is written beside the source. An empty file, or a database that never held anything,
    becomes an empty file. Raises NotADatabase, DatabaseLocked, CannotWrite, Unreadable.
    """
    temporary = temporary_for(target)
    try:
        with writing(target), opened(source) as database:
            _fill(database, temporary)
            temporary.replace(target)
            sync_folder(target.parent)
    finally:
        for path in (temporary, *(sidecar(temporary, ending) for ending in SIDECARS)):
            path.unlink(missing_ok=True)


def restore(source: Path, target: Path, wait: float = WAIT) -> None:
    """Give `target` the content of `source`, a file that copy() made; `wait` is in seconds.

    Where the target is a sound database its content is replaced in place, in one transaction, so
    that a server that has it open sees it. Else the file itself is replaced.
    Raises DatabaseLocked, CannotWrite; the target is then as it was.
    """
    if _sound(target):
        try:
            _restore_in_place(source, target, wait)
            return
        except sqlite3.Error as error:
            # A database with a write-ahead log cannot change its page size in place.
            if code(error) != sqlite3.SQLITE_READONLY or not os.access(target, os.W_OK):
                raise explained(error, target) from error
    replace(target, source.read_bytes())


def replace(
    target: Path, content: bytes, mode: int | None = None, root: Path | None = None
) -> None:
    """Put a file in the place of a database, and remove what SQLite kept beside the old one.

    No link below `root` is followed. Raises CannotWrite, LinkRefused.
    """
    temporary = temporary_for(target)
    try:
        files.write_through(temporary, content, mode, root)
        # Before the file itself: an old log beside a new file would be played into it.
        remove_sidecars(target, root)
        files.rename(temporary, target.name, root)
    except OSError as error:
        with suppress(OSError):
            files.remove(temporary, root)
        raise cannot_write(error, target) from error


def remove(target: Path, root: Path | None = None) -> None:
    """Delete a database and what SQLite keeps beside it. Raises CannotWrite, LinkRefused."""
    with writing(target):
        # The file first: without it SQLite drops the others, without them it could lose rows.
        files.remove(target, root)
        remove_sidecars(target, root)
        sync_folder(target.parent)


def strange_sidecar(target: Path) -> Path | None:
    """Return what lies where SQLite keeps a file beside a database, and is none; else None."""
    beside = (sidecar(target, ending) for ending in SIDECARS)
    return next((path for path in beside if path.exists() and not path.is_file()), None)


def remove_sidecars(target: Path, root: Path | None = None) -> None:
    """Delete the -wal, -shm and -journal of a database. Raises OSError, LinkRefused."""
    for ending in SIDECARS:
        files.remove(sidecar(target, ending), root)


def log_of(path: Path) -> Path:
    """Return where the write-ahead log of a database is, if it has one."""
    return sidecar(path.resolve(), "-wal")


class Reader:
    """One private copy of a database, opened once for all that is read of it."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self._path = path
        self._database = database

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables, without SQLite's own."""
        return self._names(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
            "ESCAPE '\\' ORDER BY name"
        )

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the names of a table's columns; none where there is no such table."""
        return self._names("SELECT name FROM pragma_table_info(?)", table)

    def rows(self, table: str) -> Rows:
        """Return the committed rows of a table. Raises NotPossible where there is none."""
        found = self.tables()
        if table not in found:
            named = ", ".join(found) if found else "none"
            raise NotPossible(
                f"{self._path.name} has no table {table}.", f"Look at the tables it has: {named}."
            )
        with explaining(self._path):
            cursor = self._database.execute(f"SELECT * FROM {quoted(table)}")
            names = tuple(column[0] for column in cursor.description)
            return Rows(names, tuple(cursor.fetchall()))

    def _names(self, sql: str, *values: str) -> tuple[str, ...]:
        with explaining(self._path):
            return tuple(name for (name,) in self._database.execute(sql, values).fetchall())


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Copy a database, and read as much as is wanted of the copy. Raises NotADatabase."""
    with opened(path) as database:
        yield Reader(path, database)


def table_of_todos(tables: Mapping[str, Collection[str]]) -> str | None:
    """Return which of these tables, each with its columns, has the todos; None where none has."""
    named = [table for table in tables if table.lower() in {"todos", "todo"}]
    shaped = [table for table, columns in tables.items() if "completed" in columns]
    return next(iter([*named, *shaped]), None)


def rows(path: Path, table: str = "todos") -> Rows:
    """Return the committed rows of a table. Raises NotADatabase, or NotPossible for no table."""
    with reading(path) as reader:
        return reader.rows(table)


def tables(path: Path) -> tuple[str, ...]:
    """Return the names of the tables, without SQLite's own. Raises NotADatabase."""
    with reading(path) as reader:
        return reader.tables()


def columns(path: Path, table: str = "todos") -> tuple[str, ...]:
    """Return the names of a table's columns; none where there is no such table."""
    with reading(path) as reader:
        return reader.columns(table)


def unique(path: Path, table: str) -> tuple[tuple[str, ...], ...]:
    """Return what the table allows each value of once: columns, "" for an expression."""
    with opened(path) as database, explaining(path):
        indexes = database.execute(
            'SELECT name FROM pragma_index_list(?) WHERE "unique"', (table,)
        ).fetchall()
        parts = [
            database.execute("SELECT name FROM pragma_index_info(?)", index).fetchall()
            for index in indexes
        ]
        return tuple(tuple(name or "" for (name,) in found) for found in parts)


def has_log(data: bytes) -> bool:
    """Tell whether a database, given as bytes, uses write-ahead logging."""
    return data[_JOURNAL_MODE : _JOURNAL_MODE + 1] == b"\2"


def with_log(data: bytes, log: bool) -> bytes:
    """Return the bytes of a database with write-ahead logging switched on or off."""
    if not data:
        return data
    return data[:_JOURNAL_MODE] + (b"\2\2" if log else b"\1\1") + data[_JOURNAL_MODE + 2 :]


def _fill(database: sqlite3.Connection, target: Path) -> None:
    """Write the database to a new file, empty where it never held anything."""
    target.unlink(missing_ok=True)
    if _blank(database):
        target.touch()
        return
    with explaining(target), closing(sqlite3.connect(target)) as copied:
        copied.execute("PRAGMA synchronous=OFF")  # whoever needs it on the disk sees to that
        database.backup(copied)


def _blank(database: sqlite3.Connection) -> bool:
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    return pages <= 1 and not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def _sound(target: Path) -> bool:
    try:
        with opened(target):
            return True
    except NotADatabase:
        return False


def _restore_in_place(source: Path, target: Path, wait: float) -> None:
    origin = ":memory:" if source.stat().st_size == 0 else str(source)
    with (
        closing(sqlite3.connect(origin)) as stored,
        closing(sqlite3.connect(target, timeout=0)) as live,
    ):
        stored.backup(live, progress=until(wait, target), sleep=0.002)


def quoted(name: str) -> str:
    """Return the name of a table or a column as SQL has it."""
    return '"' + name.replace('"', '""') + '"'
