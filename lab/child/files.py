"""Keeps the app away from every SQLite file outside its folder, and reports those inside."""

from __future__ import annotations

import functools
import os
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.child.attached import file_of, trace_connections

if TYPE_CHECKING:
    from lab.child.probe import Probe

TEMPORARY = ("/tmp", "/var/tmp", "/dev/shm")  # beside what TMPDIR says


def watch_files(probe: Probe) -> None:
    """Report each SQLite file that is opened; one outside the folder ends the process."""

    def authorize(action: int, file: str | None, *_: Any) -> int:
        if action == sqlite3.SQLITE_ATTACH and file:  # VACUUM INTO is one, too
            _opened(probe, file)
        elif action == sqlite3.SQLITE_ATTACH:  # the name is known once the values are
            trace_connections(traced)
        return sqlite3.SQLITE_OK

    def traced(sql: str) -> None:
        if (file := file_of(sql)) is not None:
            _opened(probe, file)

    def heard(name: str, arguments: tuple[Any, ...]) -> None:
        if name == "sqlite3.connect":
            _opened(probe, arguments[0])

    connect = sqlite3.connect

    @functools.wraps(connect)
    def connected(*args: Any, **kwargs: Any) -> Any:
        connection = connect(*args, **kwargs)
        connection.set_authorizer(authorize)
        probe.hold.watch(connection)
        return connection

    sys.addaudithook(heard)
    # No audit event tells of ATTACH, and that of a new connection comes before it is one.
    sqlite3.connect = sqlite3.dbapi2.connect = connected


def _opened(probe: Probe, database: Any) -> None:
    path = _path(database)
    if path is None:
        return
    folder = probe.frames.folder
    inside = path.startswith(folder)
    probe.channel.send(
        "database",
        path=path[len(folder) :] if inside else path,
        inside=inside,
        meant=inside or _is_meant(path, folder),
        frame=probe.frames.line(sys._getframe()),
    )
    if not inside:
        # An exception could be swallowed by the app, and the write would go through.
        os._exit(70)


def _is_meant(path: str, folder: str) -> bool:
    """Whether an app may be right to keep its data outside its folder, in this file.

    What is temporary is not kept, and what an app comes to by leaving its folder is not meant.
    """
    import tempfile

    temporary = {os.path.realpath(place) for place in (*TEMPORARY, tempfile.gettempdir())}
    has_left = not f"{Path.cwd()}{os.sep}".startswith(folder)
    return not has_left and not any(map(Path(path).is_relative_to, temporary))


def _path(database: Any) -> str | None:
    """Return the file behind what sqlite3.connect was given; None for a database in memory."""
    name = os.fsdecode(database) if not isinstance(database, str) else database
    if name.startswith("file:"):
        from urllib.parse import parse_qs, unquote, urlsplit

        parts = urlsplit(name)
        if parse_qs(parts.query).get("mode") == ["memory"]:
            return None
        name = unquote(parts.path)
    if name in {"", ":memory:"}:
        return None
    return os.path.realpath(name)
