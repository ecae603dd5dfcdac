"""Alembic in the folder of the app, and the table of the todos that it leaves."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lab.answers import Todo
from lab.appserver.commands import Ran, alembic
from lab.model import CheckFailed, Evidence, Rows
from lab.play.revision import sources_since
from lab.verify.evidence import words
from lab.verify.todos import Todos
from lab.workspace import databases
from lab.workspace.files import walk


def command(todos: Todos, *arguments: str, help: str = "") -> Ran:
    """Run an Alembic command in the app's folder. Raises CheckFailed where it fails."""
    began = time.monotonic()
    ran = alembic(todos.server.launcher, todos.server.folder, arguments)
    todos.server.give(time.monotonic() - began)
    if ran.ok:
        return ran
    raise CheckFailed(
        expected=f"`{ran.command}` works in the folder of the app",
        actual=ran.said,
        help=advice(ran, help),
        shown=Evidence(curl=ran.command, log=words(ran.output, todos.server.folder)),
    )


def advice(ran: Ran, help: str) -> str:
    """Return where to look, by what Alembic said."""
    said = ran.output
    if "No config file" in said or "No 'script_location'" in said:
        return "There is no alembic.ini in this folder yet. What makes one?"
    if "already exists" in said:
        return help or "The table is there already when the migration wants to make it. Who did?"
    if "NOT NULL" in said:
        return (
            "The rows that are there have no value for it. A default in the model is Python's, "
            "for new todos: the database itself needs one."
        )
    if "No module named" in said:
        return "env.py cannot import that. Is the name as it is from this folder?"
    if ("near" in said and "syntax error" in said) or "No support for ALTER" in said:
        return "SQLite can change little of a table that is there. Alembic's answer is a batch."
    if "Multiple head" in said:
        return "Two migrations follow the same one. Which is to come first?"
    return "Run it by hand in your workspace (on a copy of your todos.db): it says more there."


@dataclass(frozen=True)
class Next:
    """The revision that Alembic has written by itself, and the databases after it ran."""

    databases: tuple[Path, ...]
    written: Evidence


def write_and_run_the_next(todos: Todos) -> Next:
    """Let Alembic write the next revision by itself, and run it. Raises CheckFailed."""
    folder = todos.server.folder
    before = {*walk(folder).files}
    wrote = command(todos, "revision", "--autogenerate", "-m", "next")
    texts = sources_since(before, folder).values()
    ran = command(todos, "upgrade", "head")
    return Next(ran.databases, Evidence(curl=wrote.command, log="\n".join(texts)))


def table_in(paths: Iterable[Path]) -> tuple[str, Rows] | None:
    """Return the name and the rows of the table of the todos; None where no database has one."""
    for path in paths:
        if not path.exists():
            continue
        with databases.reading(path) as reader:
            tables = {table: reader.columns(table) for table in reader.tables()}
            if found := databases.table_of_todos(tables):
                return found, reader.rows(found)
    return None


def columns(ran: Ran) -> tuple[str, ...]:
    """Return the columns of the table of the todos; none where there is none."""
    found = table_in(ran.databases)
    return found[1].columns if found else ()


def rows(paths: Iterable[Path]) -> list[Todo]:
    """Return the rows of the todos, by their columns."""
    _, found = table_in(paths) or ("", Rows((), ()))
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]
