"""Which file an ATTACH is about where only its values tell, as with a bound parameter."""

from __future__ import annotations

import contextlib
import gc
import sqlite3
from collections.abc import Callable

WORD = "ATTACH"
BEFORE_THE_NAME = " AS "


def trace_connections(traced: Callable[[str], None]) -> None:
    """Have every connection of this thread tell of each statement, values and all, before it runs.

    Whatever the app has set as its own trace gives way.
    """
    # SQLite's callbacks do not say whose they are. One that holds its connection would keep it
    # open, and a weak reference to one there is not.
    for found in gc.get_objects():
        if isinstance(found, sqlite3.Connection):
            with contextlib.suppress(sqlite3.ProgrammingError):  # another thread's, or closed
                found.set_trace_callback(traced)


def file_of(sql: str) -> str | bytes | None:
    """Return the file that a statement, its values put in, attaches; None where it does not."""
    if WORD not in sql.upper():
        return None
    asked: list[str | None] = []

    def authorize(action: int, file: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_ATTACH:
            asked.append(file)
        return sqlite3.SQLITE_OK

    with contextlib.closing(sqlite3.connect(":memory:")) as scratch:
        scratch.set_authorizer(authorize)
        with contextlib.suppress(sqlite3.Error):
            scratch.execute(f"EXPLAIN {sql}")
        return (asked[0] or _worked_out(scratch, sql)) if asked else None


def _worked_out(scratch: sqlite3.Connection, sql: str) -> str | bytes | None:
    """Return the value of the expression between ATTACH and the name, as SQLite works it out."""
    rest = sql[sql.upper().find(WORD) + len(WORD) :]
    text = "".join(" " if letter.isspace() else letter for letter in rest.upper())
    for end in range(len(text)):
        if not text.startswith(BEFORE_THE_NAME, end):
            continue
        # What comes before an " as " inside of quotes or brackets is no expression, so goes on.
        for expression in (rest[:end], rest[:end].lstrip()[len("DATABASE") :]):
            with contextlib.suppress(sqlite3.Error):
                (value,) = scratch.execute(f"SELECT {expression}").fetchone()
                return value if isinstance(value, str | bytes) else None
    return None
