"""More todos than any list shows at once, in no more time than a slow machine has for one check."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from lab.appserver.locked import opened
from lab.appserver.tables import table_of
from lab.model import DatabaseLocked
from lab.verify.todos import Todos
from lab.workspace.databases import quoted

COPIES = 100  # with the one that is copied more than a page has where it is long
LIMIT = 1_000  # what a query is often cut off at, so that it never shows
POSTS = 24


def make_many(todos: Todos, title: str, copies: int = COPIES) -> int:
    """Make todos of this title, the first with a POST, and return how many there are.

    The others are copies of its row that an app may know of from its next start on only; where the
    table allows none, they are fewer, and made with POSTs.
    """
    todos.create(title)
    if copied := copy_last_row(todos, copies):
        return 1 + copied
    for number in range(POSTS):
        todos.create(f"{title} {number}")
    return 1 + POSTS


def copy_last_row(todos: Todos, copies: int = COPIES) -> int:
    """Copy the row of the todo that was made last, and return how many copies there are then.

    There are none where SQLite does not make the ids, where two rows may not have the same, and
    where the row is not all that the todo has.
    """
    found = table_of(todos.server)
    if found is None:
        return 0
    path, table = found
    with suppress(sqlite3.Error, DatabaseLocked), opened(path) as database:
        described = database.execute("SELECT name, type, pk FROM pragma_table_info(?)", (table,))
        columns = described.fetchall()
        keys = [(name, kind.upper()) for name, kind, key in columns if key]
        rest = ", ".join(quoted(name) for name, _, key in columns if not key)
        if len(keys) == 1 and keys[0][1] == "INTEGER" and _is_whole(database, table, keys[0][0]):
            return database.execute(
                f"INSERT INTO {quoted(table)} ({rest}) "
                "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers "
                f"WHERE n < {copies}) SELECT {rest} FROM numbers, "
                f"(SELECT {rest} FROM {quoted(table)} ORDER BY {quoted(keys[0][0])} DESC LIMIT 1)"
            ).rowcount
    return 0


def _is_whole(database: sqlite3.Connection, table: str, key: str) -> bool:
    """Whether the last row is all of its todo: no part of another row, and with no such parts."""
    references = database.execute(
        'SELECT name, "from" FROM sqlite_master, pragma_foreign_key_list(name) '
        'WHERE type = \'table\' AND ("table" = ?1 COLLATE NOCASE OR (name = ?1 AND "from" = ?2))',
        (table, key),
    ).fetchall()
    last = f"(SELECT max({quoted(key)}) FROM {quoted(table)})"
    return not any(
        (name, column) == (table, key)
        or database.execute(
            f"SELECT 1 FROM {quoted(name)} WHERE {quoted(column)} = {last}"
        ).fetchone()
        for name, column in references
    )
