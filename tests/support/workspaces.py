"""What the tests of the workspace share."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from lab.workspace import creation, databases
from lab.workspace.private_copy import opened
from lab.workspace.store import Manifest
from lab.workspace.workspace import Workspace


def make_workspace(folder: Path) -> Workspace:
    """Return a fresh workspace with a database of one row."""
    made = creation.create(folder)
    execute(made.folder / "todos.db", "CREATE TABLE todos (title TEXT)")
    execute(made.folder / "todos.db", "INSERT INTO todos VALUES ('milk')")
    return made


def execute(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(sql)
        database.commit()


def integrity(path: Path) -> str:
    """Return "ok", or what SQLite finds wrong with the file."""
    with opened(path) as database:
        return "; ".join(str(line) for (line,) in database.execute("PRAGMA integrity_check"))


def titles(folder: Path) -> list[str]:
    return [title for (title,) in databases.rows(folder / "todos.db").rows]


def picture(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return time of change and content of every file in a folder."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def play(made: Workspace, stage: Path) -> Manifest:
    """Stage the workspace and change a bit of everything there, as a scenario does."""
    base = made.stage(stage).manifest
    (stage / "todos_app" / "models.py").write_text("# changed\n")
    (stage / "todos_app" / "extra.py").write_text("# added\n")
    (stage / "todos_app" / "schemas.py").unlink()
    execute(stage / "todos.db", "INSERT INTO todos VALUES ('from the stage')")
    return base


def in_child(work: Callable[[], object]) -> int:
    """Run something in a child process; return its exit code, negative where a signal ended it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
