"""What is read of an app's SQLite files is read from one copy of each."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from lab.appserver.rows import columns, todo_rows, todo_table
from lab.workspace import databases, private_copy


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A file that is no database, and one with many tables, the last of which holds todos."""
    damaged, path = tmp_path / "a.db", tmp_path / "b.db"
    damaged.write_bytes(b"no database, " * 100)
    with closing(sqlite3.connect(path)) as database:
        for number in range(11):
            database.execute(f"CREATE TABLE t{number} (id INTEGER)")
        database.execute("CREATE TABLE cards (id INTEGER, heading TEXT)")
        database.execute("CREATE TABLE tasks (id INTEGER, title TEXT, completed BOOLEAN)")
        database.execute("INSERT INTO tasks VALUES (1, 'milk', 0)")
        database.commit()
    return [damaged, path]


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files of which a private copy was made, as it comes."""
    made: list[Path] = []

    def noted(path: Path) -> AbstractContextManager[sqlite3.Connection]:
        made.append(path)
        return private_copy.opened(path)

    monkeypatch.setattr(databases, "opened", noted)
    return made


def test_each_file_is_copied_once_however_many_tables_it_has(
    files: list[Path], copied: list[Path]
) -> None:
    rows = todo_rows(files)
    assert rows and rows.rows == ((1, "milk", 0),)
    assert copied == files
    copied.clear()
    assert todo_table(files) == (files[1], "tasks")
    assert copied == files
    copied.clear()
    assert columns(files[1])["tasks"] == ("id", "title", "completed")
    assert copied == files[1:]


def test_a_file_that_cannot_be_read_has_no_tables(files: list[Path]) -> None:
    assert columns(files[0]) == columns(files[0].with_name("missing.db")) == {}
    assert todo_rows(files[:1]) is None


def test_only_the_tables_that_the_app_has_mapped_count(files: list[Path]) -> None:
    assert todo_table(files, {"t1"}) is todo_table(files, {"t1", "cards"}) is None
    assert todo_table(files, {"cards"}) == (files[1], "cards")  # the only one, by any name
    assert todo_table(files, {"t1", "tasks"}) == (files[1], "tasks")
