"""A database file whose write lock the lab holds for a moment, as another program may."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from lab.model import DatabaseLocked

WAIT = 5.0  # seconds for a lock that the app has, as SQLite's own default


@contextmanager
def locked(files: Sequence[Path]) -> Iterator[Callable[[], None]]:
    """Hold the write lock of these databases: who reads goes on, who writes waits.

    It is given back at the end of the block, or when what is given is called.
    Raises DatabaseLocked where the app keeps one locked between two requests.
    """
    with ExitStack() as stack:
        for path in files:
            database = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
            stack.enter_context(closing(database))  # which takes the transaction back
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise DatabaseLocked(
                    f"The database {path.name} is locked between two requests ({error}).",
                    "A transaction was begun and neither committed nor taken back: look for it.",
                ) from error
        yield stack.close
