"""The tables behind a server: the rows of the todos, and where model and table have parted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.appserver.rows import columns, todo_rows, todo_table
from lab.appserver.server import Server
from lab.dbserver import tables as remote
from lab.model import Rows


@dataclass(frozen=True)
class Drift:
    """A mapped class whose table lacks some of its columns, or is not there at all."""

    model: str
    table: str
    columns: tuple[str, ...]
    is_there: bool = True

    def __str__(self) -> str:
        if not self.is_there:
            return f"there is no table {self.table}, which the model {self.model} has"
        columns = ", ".join(self.columns)
        return f"the table {self.table} has no {columns}, which the model {self.model} has"


def drift(server: Server) -> list[Drift]:
    """Return the models of a running server that its databases do not match."""
    have: dict[str, set[str]] = {}
    for table, names in _found(server):
        have.setdefault(table, set()).update(names)
    found = []
    for model in server.models():
        columns = [column["name"] for column in model["columns"]]
        missing = tuple(name for name in columns if name not in have.get(model["table"], set()))
        if missing:
            found.append(Drift(model["name"], model["table"], missing, model["table"] in have))
    return found


def rows_of(server: Server) -> Rows | None:
    """Return the rows of the table that holds the todos of a server, also while it is stopped."""
    mapped = _mapped(server)
    if server.database_url:
        return remote.todo_rows(server.database_url, mapped)
    return todo_rows(server.database_files(), mapped)


def table_of(server: Server) -> tuple[Path, str] | None:
    """Return the SQLite file of a running app, and the table in it, that hold the todos."""
    return todo_table(server.databases(), _mapped(server))


def _mapped(server: Server) -> set[str]:
    """Return the tables that the app has mapped, as far as it is known."""
    return {model["table"] for model in server.models()} if server.running else set()


def source_of(server: Server) -> str | None:
    """Which file rows_of() reads, in words; None where the app has opened no other."""
    files = server.databases()
    found = None if server.database_url else table_of(server)
    if not found or len(files) == 1:
        return None
    this, *others = sorted(files, key=lambda path: path != found[0])
    names = ", ".join(path.relative_to(server.folder).as_posix() for path in others)
    return f"in {this.relative_to(server.folder).as_posix()}; the app has opened {names} as well"


def _found(server: Server) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the tables behind a server, each with its columns."""
    if server.database_url:
        yield from remote.columns(server.database_url).items()
        return
    for path in server.databases():
        yield from columns(path).items()
