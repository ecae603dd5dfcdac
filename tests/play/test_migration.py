"""Old rows in new columns: what the lab's own migration gives them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lab.model import NotPossible
from lab.play.migration import migrate
from lab.workspace import databases


def column(name: str, type: str, default: object = None, **more: object) -> dict[str, object]:
    """A column as the probe reports it."""
    common = {"length": None, "nullable": default is None, "primary_key": False}
    return {"name": name, "type": type, "default": default, **common, **more}


def migrated(tmp_path: Path, *columns: dict[str, object]) -> dict[str, object]:
    """What the row of an old table holds in the columns that were added."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE todos (id INTEGER PRIMARY KEY)")
        database.execute("INSERT INTO todos VALUES (1)")
        database.commit()
    sql = migrate(path, [{"table": "todos", "columns": [column("id", "Integer"), *columns]}])
    assert len(sql) == len(columns)
    rows = databases.rows(path)
    return dict(zip(rows.columns[1:], rows.rows[0][1:], strict=True))


def test_old_rows_get_the_default_of_the_model_whatever_it_is(tmp_path: Path) -> None:
    columns = (
        column("text", "String", "it's 10:30", length=20),
        column("yes", "Boolean", True),
        column("number", "Integer", -3),
        column("ratio", "Float", 0.5),
        column("empty", "DateTime"),
    )
    assert migrated(tmp_path, *columns) == {
        "text": "it's 10:30",
        "yes": 1,
        "number": -3,
        "ratio": 0.5,
        "empty": None,
    }


def test_a_column_without_a_value_for_old_rows_is_not_added(tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match="owner must have a value") as caught:
        migrated(tmp_path, column("owner", "String", nullable=False))
    assert "default" in caught.value.remedy
    assert databases.columns(tmp_path / "old.db") == ("id",)


def test_a_database_that_may_only_be_read_is_named(tmp_path: Path) -> None:
    migrated(tmp_path)
    path = tmp_path / "old.db"
    path.chmod(0o444)
    if os.access(path, os.W_OK):
        pytest.skip("who has all rights may write there")
    with pytest.raises(NotPossible, match=r"old\.db may only be read") as caught:
        migrate(path, [{"table": "todos", "columns": [column("text", "String")]}])
    assert "chmod" in caught.value.remedy
