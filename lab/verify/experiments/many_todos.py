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
    where the row is not all that the todo has, so that the app fails on a copy.
    """
    todos.server.settle()  # some commit after the answer: what is in the table is the todo before
    found = table_of(todos.server)
    if found is None:
        return 0
    path, table = found[0], quoted(found[1])
    with suppress(sqlite3.Error, DatabaseLocked), opened(path) as database:
        described = database.execute(
            'SELECT name, type, pk, name IN (SELECT "from" FROM pragma_foreign_key_list(?1)) '
            "FROM pragma_table_info(?1)",
            (found[1],),
        ).fetchall()
        keys = [quoted(name) for name, _, is_key, _ in described if is_key]
        kinds = [(kind.upper(), refers) for _, kind, is_key, refers in described if is_key]
        rest = ", ".join(quoted(name) for name, _, is_key, _ in described if not is_key)
        if kinds == [("INTEGER", False)]:  # one that refers to another row is of the same todo
            [last] = database.execute(f"SELECT max({keys[0]}) FROM {table}").fetchone()
            made = database.execute(
                f"INSERT INTO {table} ({rest}) "
                "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers "
                f"WHERE n < {copies}) SELECT {rest} FROM numbers, "
                f"(SELECT {rest} FROM {table} WHERE {keys[0]} = {last})"
            ).rowcount
            if todos.server.get(f"/todos/{last + made}").status < 500:
                return made
            database.execute(f"DELETE FROM {table} WHERE {keys[0]} > {last}")
    return 0
