"""Databases are copied, restored and read as of their last commit, without a trace."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lab.model import CannotWrite, DatabaseLocked, NotADatabase, NotPossible, Unreadable
from lab.workspace import databases
from tests.support.workspaces import integrity


def make(path: Path, titles: list[str], journal: str = "delete") -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA journal_mode={journal}")
        database.execute("CREATE TABLE todos (id INTEGER PRIMARY KEY, title TEXT)")
        database.executemany("INSERT INTO todos (title) VALUES (?)", [(t,) for t in titles])
        database.commit()


def titles(path: Path) -> list[str]:
    return [row[1] for row in databases.rows(path).rows]


def state_of(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        path.name: (path.stat().st_mtime_ns, path.stat().st_ino, path.read_bytes())
        for path in folder.iterdir()
    }


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """A database whose rows lie in its write-ahead log, with the writer that has it open."""
    path = tmp_path / "live" / "todos.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode=wal")
        writer.execute("CREATE TABLE todos (id INTEGER PRIMARY KEY, title TEXT)")
        writer.execute("INSERT INTO todos (title) VALUES ('milk')")
        writer.commit()
        yield path, writer


def test_rows_that_are_only_in_the_log_are_in_the_copy(
    tmp_path: Path, logged: tuple[Path, sqlite3.Connection]
) -> None:
    path, _ = logged
    databases.copy(path, tmp_path / "copy.db")
    assert titles(tmp_path / "copy.db") == ["milk"]
    assert [p.name for p in tmp_path.iterdir() if "copy" in p.name] == ["copy.db"]


def test_uncommitted_rows_are_not_in_the_copy(
    tmp_path: Path, logged: tuple[Path, sqlite3.Connection]
) -> None:
    path, writer = logged
    writer.execute("INSERT INTO todos (title) VALUES ('not yet')")
    databases.copy(path, tmp_path / "copy.db")
    assert titles(tmp_path / "copy.db") == ["milk"]


@pytest.mark.parametrize("journal", ["wal", "delete", "truncate", "persist"])
def test_copying_and_reading_leave_the_folder_of_the_original_untouched(
    tmp_path: Path, journal: str
) -> None:
    folder = tmp_path / "foreign"
    folder.mkdir()
    make(folder / "todos.db", ["milk"], journal)
    before = state_of(folder)
    databases.copy(folder / "todos.db", tmp_path / "copy.db")
    assert databases.rows(folder / "todos.db").columns == ("id", "title")
    assert integrity(folder / "todos.db") == "ok"
    assert state_of(folder) == before


def test_a_crashed_transaction_is_rolled_back_in_the_copy_and_not_in_the_original(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "crashed"
    folder.mkdir()
    make(tmp_path / "todos.db", ["milk"] * 500)
    with closing(sqlite3.connect(tmp_path / "todos.db")) as writer:
        # A cache this small makes SQLite write into the file before the commit.
        writer.execute("PRAGMA cache_size=1")
        writer.execute("UPDATE todos SET title = 'half' || hex(randomblob(200))")
        shutil.copy(tmp_path / "todos.db", folder)
        shutil.copy(tmp_path / "todos.db-journal", folder)
    assert b"half" in (folder / "todos.db").read_bytes()
    before = state_of(folder)
    databases.copy(folder / "todos.db", tmp_path / "copy.db")
    assert titles(tmp_path / "copy.db") == ["milk"] * 500
    assert state_of(folder) == before


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_copy_taken_while_another_writes_is_whole(tmp_path: Path, journal: str) -> None:
    path = tmp_path / "todos.db"
    make(path, [], journal)
    done = threading.Event()

    def write_pairs() -> None:
        with closing(sqlite3.connect(path, timeout=10)) as writer:
            while not done.is_set():
                writer.execute("INSERT INTO todos (title) VALUES ('left'), ('right')")
                writer.commit()

    thread = threading.Thread(target=write_pairs)
    thread.start()
    try:
        for number in range(5):
            copied = tmp_path / f"copy-{number}.db"
            databases.copy(path, copied)
            assert integrity(copied) == "ok"
            assert titles(copied).count("left") == titles(copied).count("right")
    finally:
        done.set()
        thread.join()


def test_a_log_that_is_emptied_while_it_is_being_copied_loses_no_row(
    tmp_path: Path, logged: tuple[Path, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, writer = logged
    real = shutil.copyfile
    copied: list[str] = []

    def copyfile(source: Path, target: Path) -> None:
        real(source, target)
        if not copied:
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copied.append(source.name)

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    assert titles(path) == ["milk"]
    assert copied.count("todos.db") == 2


def test_a_file_written_just_now_is_read_only_when_its_stamp_can_tell_a_later_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "todos.db", ["milk"])
    real = shutil.copyfile
    ages: list[float] = []

    def copyfile(source: Path, target: Path) -> None:
        ages.append(time.time() - source.stat().st_mtime)
        real(source, target)

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    with closing(sqlite3.connect(tmp_path / "todos.db")) as writer:
        writer.execute("INSERT INTO todos (title) VALUES ('bread')")
        writer.commit()
        assert titles(tmp_path / "todos.db") == ["milk", "bread"]
    assert min(ages) >= 0.02


def test_copies_of_the_same_content_are_the_same_bytes(tmp_path: Path) -> None:
    make(tmp_path / "todos.db", ["milk"])
    databases.copy(tmp_path / "todos.db", tmp_path / "one.db")
    make(tmp_path / "other.db", ["bread", "cheese"])
    databases.restore(tmp_path / "one.db", tmp_path / "other.db")
    databases.copy(tmp_path / "other.db", tmp_path / "two.db")
    assert (tmp_path / "one.db").read_bytes() == (tmp_path / "two.db").read_bytes()


def test_an_empty_file_stays_empty(tmp_path: Path) -> None:
    (tmp_path / "todos.db").touch()
    databases.copy(tmp_path / "todos.db", tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == b""
    assert databases.tables(tmp_path / "todos.db") == ()


@pytest.mark.parametrize(
    "content", [b"no database at all, " * 50, b"SQLite format 3\0" + b"x" * 90]
)
def test_a_file_that_is_no_database_is_refused_and_leaves_no_copy(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "todos.db").write_bytes(content)
    with pytest.raises(NotADatabase, match="is no database that SQLite can read"):
        databases.copy(tmp_path / "todos.db", tmp_path / "copy.db")
    assert [p.name for p in tmp_path.iterdir()] == ["todos.db"]


def test_a_damaged_name_that_is_no_text_is_told_as_any_damage(tmp_path: Path) -> None:
    path = tmp_path / "todos.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE todos (id)")
        database.execute("PRAGMA writable_schema=1")
        database.execute("UPDATE sqlite_master SET name = CAST(x'FF' AS TEXT)")
        database.commit()
    with pytest.raises(NotADatabase, match="its schema is no text"):
        databases.tables(path)


def test_a_folder_in_the_place_of_a_log_is_named_and_not_the_database(tmp_path: Path) -> None:
    path = tmp_path / "todos.db"
    make(path, ["milk"])
    (tmp_path / "todos.db-wal").mkdir()
    with pytest.raises(Unreadable, match=r"todos\.db-wal: is a directory"):
        databases.copy(path, tmp_path / "copy.db")


def test_a_missing_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotADatabase, match="There is no database"):
        databases.rows(tmp_path / "todos.db")


def test_a_server_that_has_the_database_open_sees_what_is_restored(
    tmp_path: Path, logged: tuple[Path, sqlite3.Connection]
) -> None:
    path, server = logged
    databases.copy(path, tmp_path / "saved.db")
    server.execute("DELETE FROM todos")
    server.commit()
    inode = path.stat().st_ino
    databases.restore(tmp_path / "saved.db", path)
    assert server.execute("SELECT title FROM todos").fetchall() == [("milk",)]
    assert path.stat().st_ino == inode
    server.execute("INSERT INTO todos (title) VALUES ('bread')")
    server.commit()
    assert titles(path) == ["milk", "bread"]


def test_an_open_database_can_be_restored_to_empty(
    tmp_path: Path, logged: tuple[Path, sqlite3.Connection]
) -> None:
    path, server = logged
    (tmp_path / "empty.db").touch()
    databases.restore(tmp_path / "empty.db", path)
    assert server.execute("SELECT name FROM sqlite_master").fetchall() == []
    databases.copy(path, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_bytes() == b""


def test_a_locked_database_is_reported_after_a_moment_and_kept(tmp_path: Path) -> None:
    make(tmp_path / "todos.db", ["milk"])
    make(tmp_path / "saved.db", ["bread"])
    with closing(sqlite3.connect(tmp_path / "todos.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseLocked, match="locked by another program"):
            databases.restore(tmp_path / "saved.db", tmp_path / "todos.db", wait=0.2)
    assert titles(tmp_path / "todos.db") == ["milk"]


def test_a_path_that_is_too_long_for_sqlite_is_told_as_one(tmp_path: Path) -> None:
    make(tmp_path / "todos.db", ["milk"])
    make(tmp_path / "saved.db", ["bread"])
    deep = tmp_path.joinpath(*["d" * 100] * 5)
    deep.mkdir(parents=True)
    target = (tmp_path / "todos.db").rename(deep / "todos.db")
    with pytest.raises(CannotWrite, match="path is too long"):
        databases.restore(tmp_path / "saved.db", target)


def test_a_damaged_target_is_replaced_with_all_that_lay_beside_it(tmp_path: Path) -> None:
    make(tmp_path / "saved.db", ["milk"])
    (tmp_path / "todos.db").write_bytes(b"rubbish")
    (tmp_path / "todos.db-wal").write_bytes(b"rubbish")
    (tmp_path / "todos.db-journal").write_bytes(b"rubbish")
    databases.restore(tmp_path / "saved.db", tmp_path / "todos.db")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["saved.db", "todos.db"]
    assert titles(tmp_path / "todos.db") == ["milk"]


def test_a_database_of_another_page_size_is_restored_over_one_with_a_log(tmp_path: Path) -> None:
    make(tmp_path / "saved.db", ["milk"])
    with closing(sqlite3.connect(tmp_path / "saved.db")) as small:
        small.execute("PRAGMA page_size=1024")
        small.execute("VACUUM")
    make(tmp_path / "todos.db", ["bread"], "wal")
    databases.restore(tmp_path / "saved.db", tmp_path / "todos.db")
    assert titles(tmp_path / "todos.db") == ["milk"]


def test_a_removed_database_leaves_nothing_beside_its_place(
    logged: tuple[Path, sqlite3.Connection],
) -> None:
    path, _ = logged
    assert len(list(path.parent.iterdir())) == 3
    databases.remove(path)
    assert list(path.parent.iterdir()) == []


def test_databases_are_found_by_content_or_name_and_not_in_folders_of_tools(
    tmp_path: Path,
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / ".lab").mkdir()
    for place in ("data/store", "env/x.db", ".lab/x.db"):
        make(tmp_path / place, [])
    (tmp_path / "broken.sqlite3").write_bytes(b"rubbish")
    (tmp_path / "empty.DB").touch()
    (tmp_path / "gone.db").symlink_to(tmp_path / "nowhere")
    (tmp_path / "main.py").write_text("app = 1")
    found = [p.relative_to(tmp_path).as_posix() for p in databases.find(tmp_path)]
    assert found == ["broken.sqlite3", "data/store", "empty.DB"]


def test_tables_of_any_name_are_read(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as database:
        database.execute('CREATE TABLE "to ""do"" items" (id INTEGER, "a b" TEXT, raw TEXT)')
        database.execute("""INSERT INTO "to ""do"" items" VALUES (1, 'x', CAST(x'ff' AS TEXT))""")
        database.commit()
    name = 'to "do" items'
    assert databases.tables(tmp_path / "x.db") == (name,)
    assert databases.columns(tmp_path / "x.db", name) == ("id", "a b", "raw")
    assert databases.rows(tmp_path / "x.db", name).rows == ((1, "x", "\ufffd"),)
    assert databases.columns(tmp_path / "x.db") == ()
    with pytest.raises(NotPossible, match="no table todos"):
        databases.rows(tmp_path / "x.db")


def test_a_link_to_a_database_is_read_with_the_log_beside_its_target(
    tmp_path: Path, logged: tuple[Path, sqlite3.Connection]
) -> None:
    (tmp_path / "todos.db").symlink_to(logged[0])
    assert titles(tmp_path / "todos.db") == ["milk"]
