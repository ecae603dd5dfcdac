"""A database file of a running app, as another program uses it: written to, or locked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path

from lab.model import DatabaseLocked

WAIT = 5.0  # seconds for a lock that the app has, as SQLite's own default


@contextmanager
def opened(path: Path, *, reads: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a database that an app has open, too; each statement is a transaction of its own.

    Who only `reads` writes no log back when it closes the file. Raises DatabaseLocked where the app
    keeps it locked between two requests.
    """
    address = path.absolute().as_uri() + ("?mode=ro" if reads else "")
    try:
        with closing(
            sqlite3.connect(address, timeout=WAIT, isolation_level=None, uri=True)
        ) as database:
            yield database
    except sqlite3.OperationalError as error:
        raise DatabaseLocked(
            f"The database {path.name} is locked between two requests ({error}).",
            "A transaction was begun and neither committed nor taken back: look for it.",
        ) from error


def locked(files: Sequence[Path]) -> AbstractContextManager[Callable[[], None]]:
    """Hold the write lock of these databases: who reads goes on, who writes waits.

    It is given back at the end of the block, or when what is given is called.
    Raises DatabaseLocked where the app keeps one locked between two requests.
    """
    return _in_transaction(files, "BEGIN IMMEDIATE")


def being_read(files: Sequence[Path]) -> AbstractContextManager[Callable[[], None]]:
    """Be about to read these databases: who writes goes on, and waits before the COMMIT.

    With a write-ahead log nobody waits. The end is that of locked(), and so is what it raises.
    """
    return _in_transaction(files, "BEGIN", "SELECT count(*) FROM sqlite_master", reads=True)


@contextmanager
def _in_transaction(
    files: Sequence[Path], *begin: str, reads: bool = False
) -> Iterator[Callable[[], None]]:
    with ExitStack() as stack:
        for path in files:
            # Closing it takes the transaction back.
            database = stack.enter_context(opened(path, reads=reads))
            for sql in begin:
                database.execute(sql)
        yield stack.close
