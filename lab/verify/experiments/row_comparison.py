"""Whether todos have arrived whole in a database on a server, beside the file they come from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lab.appserver.rows import ids, todo_rows
from lab.dbserver.tables import todo_rows as rows_on_server
from lab.model import CheckFailed, Rows
from lab.verify.todos import Todos
from lab.workspace import databases

WHOLE_SECONDS = 1.0  # MySQL's DATETIME keeps no fractions, and some versions round


def rows_in_file(own: Todos) -> Rows:
    """Return the todos in the workspace's own file. Raises CheckFailed where there is none."""
    rows = todo_rows(databases.find(own.server.folder))
    if rows is None:
        raise CheckFailed(
            expected="the file that the todos come from, such as todos.db, to compare with",
            actual="there is no database file with todos in the workspace",
            help="Moving them leaves the file as it is. `lab snapshots` may still have it.",
        )
    return rows


def compare(own: Todos) -> None:
    """Raise CheckFailed where a todo of the file is missing on the server, or differs there."""
    url = own.server.database_url
    assert url, "judged on a server"
    old, new = rows_in_file(own), rows_on_server(url)
    if new is None:
        raise CheckFailed(
            expected=f"a table of todos in your database on {url.kind}, with {count(old)}",
            actual="it has no table of todos",
            help="Which database does --database-url name, and which one DATABASE_URL? The app "
            "makes its tables there when it starts.",
        )
    found = dict(zip(ids(new), new.rows, strict=True))
    arrived = {_plain(id): row for id, row in found.items()}
    lost = [id for id in ids(old) if _plain(id) not in arrived]
    if lost:
        several = f"{len(lost)} of them are not there, such as id {lost[0]}"
        raise CheckFailed(
            expected=f"{count(old)} on the server, each with its id",
            actual=f"{several if len(lost) > 1 else f'id {lost[0]} is not there'}; "
            f"the server has {count(new)}",
            help="Rows that are copied bring their ids along; rows that are made anew get others.",
        )
    for id, row in zip(ids(old), old.rows, strict=True):
        for column, value in zip(old.columns, row, strict=True):
            if column not in new.columns:
                continue
            there = arrived[_plain(id)][new.columns.index(column)]
            if not same(value, there):
                raise CheckFailed(
                    expected=f"{column} = {value!r} for id {id}, as in the file",
                    actual=f"{column} = {there!r} on the server",
                    help=_advice(value, there),
                )


def new_ids_follow(own: Todos) -> None:
    """Raise CheckFailed where a new todo does not get an id after those that were moved."""
    old = ids(rows_in_file(own))
    made = own.create("made after the move")
    taken = [id for id in old if isinstance(id, int)]
    if taken and isinstance(made["id"], int) and made["id"] <= max(taken):
        raise CheckFailed(
            expected=f"an id above {max(taken)}, the highest of those that were moved",
            actual=f"id {made['id']}",
            help="The server counts on from where it was. Who told it which ids are taken?",
        )


def count(rows: Rows) -> str:
    """How many todos there are, in words."""
    return "1 todo" if len(rows.rows) == 1 else f"{len(rows.rows)} todos"


def same(old: Any, new: Any) -> bool:
    """Whether a value of SQLite's and one of a server's mean the same."""
    if old is None or new is None:
        return old is new
    if isinstance(new, datetime):
        return _same_moment(str(old), new)
    if isinstance(new, bool) or isinstance(old, bool):
        return bool(old) == bool(new)
    if isinstance(old, int | float):
        try:
            return float(old) == float(new)
        except (TypeError, ValueError, OverflowError):
            return False
    return _plain(old) == _plain(new)


def _plain(value: Any) -> str:
    text = str(value)
    try:
        return UUID(text).hex if len(text) in (32, 36) else text
    except ValueError:
        return text


def _same_moment(old: str, new: datetime) -> bool:
    try:
        was = datetime.fromisoformat(old)
        # SQLite keeps no offset: what is there is UTC, or the time on the learner's own clock.
        local = was.replace(tzinfo=None)
        utc = was.astimezone(UTC).replace(tzinfo=None) if was.tzinfo else local
        zones = (UTC, None) if new.tzinfo else ()
        meant = {new.astimezone(zone).replace(tzinfo=None) for zone in zones} or {new}
    except (ValueError, OverflowError):  # no time, or one that is after the year 9999 elsewhere
        return False
    near = [abs((a - b).total_seconds()) for a in (local, utc) for b in meant]
    return min(near) < WHOLE_SECONDS


def _advice(old: Any, new: Any) -> str:
    if isinstance(new, datetime):
        return (
            "SQLite keeps no offset with a time; the app stores UTC. What did the server take a "
            "time without an offset for? Or was the row made anew?"
        )
    if new is None:
        return "The value got lost on its way. Is every column copied?"
    return "The row is there, but not as it was. If you have changed it since, that is why."
