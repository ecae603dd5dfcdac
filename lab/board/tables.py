"""Tables as a page shows them: their last rows, each value as a short text."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.answers import Todo
from lab.appserver.rows import todo_rows
from lab.board.ring import PageEvent, now
from lab.model import LabError, Rows

SHOWN_ROWS = 40
COLUMNS = 12
FRACTION = re.compile(r"(?<=\d\d:\d\d:\d\d)\.\d+")  # of a second: here it says nothing
LONGEST = 80  # characters of a value
SPARING = 10  # times as long as the last look has taken, until the next


def table_of(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> PageEvent:
    """Return a table for a page: all its columns but those beyond a few, and its last rows."""
    shown = [[_short(value) for value in row[:COLUMNS]] for row in rows[-SHOWN_ROWS:]]
    return {"columns": list(columns[:COLUMNS]), "rows": shown, "count": len(rows)}


def table_of_todos(todos: Sequence[Todo]) -> PageEvent:
    """Return the table of todos that an API has answered."""
    columns = tuple(dict.fromkeys(name for todo in todos for name in todo))
    return table_of(columns, [tuple(todo.get(name) for name in columns) for todo in todos])


def _short(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "true", False: "false"}[value]
    text = FRACTION.sub("", str(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


class FileRows:
    """The rows of the todos in the files of a folder, read again where those have changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: object = None
        self._next = 0.0  # when it may be looked again

    def look(self, names: Sequence[str]) -> PageEvent | None:
        """Return the rows in these files; None where nothing has changed since the last time."""
        began = time.monotonic()
        if began < self._next:
            return None
        paths = [self._folder / name for name in names]
        known = [_state(file) for path in paths for file in (path, Path(f"{path}-wal"))]
        if known == self._known:
            return None
        self._known = known
        told: PageEvent = {"kind": "rows", "files": [p.name for p in paths if p.exists()]}
        try:
            rows: Rows | None = todo_rows(paths)
        except LabError as error:  # locked, by an app that writes without an end
            told["problem"] = error.message
            rows, self._known = None, None
        if rows:
            told["table"] = table_of(rows.columns, rows.rows)
        self._next = time.monotonic() + (time.monotonic() - began) * SPARING
        return told | {"at": now()}


def _state(path: Path) -> tuple[int, int, int] | None:
    """Return what changes with a file's content, as far as the system tells."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
