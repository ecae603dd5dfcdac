"""Every change that the lab makes can be undone, and nothing of the learner's is lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lab.model import CannotWrite, DamagedSnapshot, NotPossible, UsageError
from lab.workspace import databases, files
from lab.workspace.snapshots import Snapshots
from lab.workspace.store import Content, Manifest, capture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small workspace with one source, one database and the start as snapshot 0."""
    (tmp_path / ".lab").mkdir()
    (tmp_path / "main.py").write_text("app = 'start'\n")
    (tmp_path / "answers.md").write_text("my words\n")
    execute(tmp_path / "todos.db", "CREATE TABLE todos (title TEXT)")
    execute(tmp_path / "todos.db", "INSERT INTO todos VALUES ('milk')")
    Snapshots(tmp_path).begin()
    return tmp_path


def execute(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(sql)
        database.commit()


def titles(folder: Path) -> list[str]:
    return [title for (title,) in databases.rows(folder / "todos.db").rows]


def lab_writes(folder: Path, name: str, text: str) -> None:
    """Change one file in the lab's way."""
    snapshots = Snapshots(folder)
    present = snapshots.store(folder)
    path = folder / name
    old = path.read_bytes() if path.exists() else None
    path.write_text(text)
    wanted = snapshots.store(folder).contents
    if old is None:
        path.unlink()
    else:
        path.write_bytes(old)
    snapshots.change(wanted, f"before {text!r}", present=present)
    assert path.read_text() == text


def test_undo_is_undone_by_undo(folder: Path) -> None:
    lab_writes(folder, "main.py", "app = 'broken'\n")
    snapshots = Snapshots(folder)
    for text in ("app = 'start'\n", "app = 'broken'\n", "app = 'start'\n"):
        assert snapshots.undo().changed == ("main.py",)
        assert (folder / "main.py").read_text() == text


def test_hand_edits_since_the_change_are_kept_in_the_snapshot_that_undo_takes(
    folder: Path,
) -> None:
    lab_writes(folder, "main.py", "app = 'broken'\n")
    (folder / "main.py").write_text("app = 'mine'\n")
    (folder / "extra.py").write_text("mine = 1\n")
    execute(folder / "todos.db", "INSERT INTO todos VALUES ('bread')")
    Snapshots(folder).undo()
    assert (folder / "main.py").read_text() == "app = 'start'\n"
    assert not (folder / "extra.py").exists()
    assert titles(folder) == ["milk"]
    Snapshots(folder).undo()
    assert (folder / "main.py").read_text() == "app = 'mine'\n"
    assert (folder / "extra.py").read_text() == "mine = 1\n"
    assert titles(folder) == ["milk", "bread"]


@pytest.mark.parametrize("name", ["n" * 252 + ".py", "\N{HIRAGANA LETTER A}" * 84 + ".py"])
def test_a_name_as_long_as_a_name_can_be_comes_back(folder: Path, name: str) -> None:
    lab_writes(folder, "main.py", "app = 'broken'\n")
    (folder / name).write_text("mine = 1\n")
    Snapshots(folder).undo()
    assert not (folder / name).exists()
    Snapshots(folder).undo()
    assert (folder / name).read_text() == "mine = 1\n"
    assert not list(folder.rglob("*.lab-tmp"))


def test_undo_goes_to_a_named_snapshot_and_back(folder: Path) -> None:
    lab_writes(folder, "main.py", "app = 'one'\n")
    lab_writes(folder, "main.py", "app = 'two'\n")
    Snapshots(folder).undo(0)
    assert (folder / "main.py").read_text() == "app = 'start'\n"
    Snapshots(folder).undo()
    assert (folder / "main.py").read_text() == "app = 'two'\n"


def test_where_the_lab_has_changed_nothing_there_is_nothing_to_undo(folder: Path) -> None:
    (folder / "main.py").write_text("app = 'mine'\n")
    with pytest.raises(UsageError, match="nothing to undo"):
        Snapshots(folder).undo()
    assert (folder / "main.py").read_text() == "app = 'mine'\n"


def test_a_snapshot_of_a_change_that_never_came_is_passed_over(folder: Path) -> None:
    lab_writes(folder, "main.py", "app = 'broken'\n")
    Snapshots(folder).take("before a change that was killed", before_change=True)
    Snapshots(folder).undo()
    assert (folder / "main.py").read_text() == "app = 'start'\n"


def test_answers_stay_and_come_back_only_where_they_are_gone(folder: Path) -> None:
    lab_writes(folder, "main.py", "app = 'broken'\n")
    (folder / "answers.md").write_text("better words\n")
    Snapshots(folder).undo()
    assert (folder / "answers.md").read_text() == "better words\n"
    (folder / "answers.md").unlink()
    Snapshots(folder).undo(0)
    assert (folder / "answers.md").read_text() == "my words\n"


def test_identical_content_is_stored_once(folder: Path) -> None:
    objects = folder / ".lab" / "objects"
    before = sorted(objects.iterdir())
    Snapshots(folder).take("again")
    assert sorted(objects.iterdir()) == before
    assert len(before) == 3


def test_a_deleted_database_comes_back_with_its_rows_and_its_journal_mode(folder: Path) -> None:
    execute(folder / "todos.db", "PRAGMA journal_mode=wal")
    snapshot = Snapshots(folder).take("with a log")
    databases.remove(folder / "todos.db")
    Snapshots(folder).restore(snapshot.id)
    assert titles(folder) == ["milk"]
    with closing(sqlite3.connect(folder / "todos.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_content_is_the_same_whether_it_lies_in_a_log_or_not(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "todos.db")) as server:
        server.execute("PRAGMA journal_mode=wal")
        server.execute("INSERT INTO todos VALUES ('bread')")
        server.commit()
        Snapshots(folder).restore(0)
        assert capture(folder) == Snapshots(folder).get(0).manifest


def test_a_log_without_its_database_is_kept_and_not_played_into_the_restored_one(
    folder: Path,
) -> None:
    with closing(sqlite3.connect(folder / "todos.db")) as server:
        server.execute("PRAGMA journal_mode=wal")
        server.execute("INSERT INTO todos VALUES ('ghost')")
        server.commit()
        (folder / "todos.db").unlink()
        log = (folder / "todos.db-wal").read_bytes()
        done = Snapshots(folder).restore(0)
        assert titles(folder) == ["milk"]
        assert done.saved is not None
        kept = done.saved.manifest.files["todos.db-wal"]
        assert Snapshots(folder).objects.get(kept.sha) == log


def test_a_damaged_database_is_kept_byte_for_byte_and_comes_back_so(folder: Path) -> None:
    rubbish = {"todos.db": b"rubbish", "todos.db-wal": b"a log", "todos.db-journal": b"a journal"}
    for name, content in rubbish.items():
        (folder / name).write_bytes(content)
    damaged = Snapshots(folder).take("damaged")
    assert damaged.manifest.databases == {}
    Snapshots(folder).restore(0)
    assert titles(folder) == ["milk"]
    assert not (folder / "todos.db-wal").exists()
    Snapshots(folder).restore(damaged.id)
    assert {name: (folder / name).read_bytes() for name in rubbish} == rubbish


def test_an_empty_database_comes_back_empty(folder: Path) -> None:
    (folder / "other.db").touch()
    snapshot = Snapshots(folder).take("empty")
    execute(folder / "other.db", "CREATE TABLE t (x)")
    Snapshots(folder).restore(snapshot.id)
    assert databases.tables(folder / "other.db") == ()
    assert capture(folder) == snapshot.manifest


def test_restoring_keeps_the_mode_of_a_file_that_is_there(folder: Path) -> None:
    lab_writes(folder, "main.py", "app = 'broken'\n")
    (folder / "main.py").chmod(0o750)
    Snapshots(folder).undo()
    assert files.mode_of(folder / "main.py") == 0o750


def test_what_no_snapshot_holds_is_never_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BIG", 1000)
    (folder / "main.py").write_text("#" * 2000)
    execute(folder / "todos.db", "INSERT INTO todos VALUES ('bread')")
    with pytest.raises(NotPossible, match=r"main\.py is .* very large"):
        Snapshots(folder).restore(0)
    assert (folder / "main.py").read_text() == "#" * 2000
    assert titles(folder) == ["milk", "bread"]
    assert [snapshot.id for snapshot in Snapshots(folder).list()] == [0]


def test_a_big_database_is_stored_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BIG", 1000)
    assert "todos.db" in Snapshots(folder).take("big").manifest.databases


def test_a_link_is_never_replaced(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "main.py"
    elsewhere.write_text("theirs\n")
    (folder / "main.py").unlink()
    (folder / "main.py").symlink_to(elsewhere)
    with pytest.raises(NotPossible, match=r"main\.py is a link"):
        Snapshots(folder).restore(0)
    assert (folder / "main.py").is_symlink()
    assert elsewhere.read_text() == "theirs\n"


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"\xff\x00",
        b"{}",
        b'{"schema": 1, "taken_at": 3}',
        {"../outside.py": {"sha": "0" * 64, "mode": 0o644}},
        {"": {"sha": "0" * 64, "mode": 0o644}},
        {"no\0name.py": {"sha": "0" * 64, "mode": 0o644}},
        {"no\ud800name.py": {"sha": "0" * 64, "mode": 0o644}},
        {"main.py": {"sha": "0" * 5000, "mode": 0o644}},
        {"main.py": {"sha": "0" * 64, "mode": 10**30}},
    ],
    ids=[
        "empty", "binary", "shape", "types", "leads outside", "the folder itself", "NUL",
        "surrogate", "no object", "no mode",
    ],
)  # fmt: skip
def test_a_damaged_snapshot_is_reported_and_the_others_still_serve(
    folder: Path, rubbish: bytes | dict[str, object]
) -> None:
    damaged = Snapshots(folder).take("to be damaged")
    path = folder / ".lab" / "snapshots" / f"{damaged.id}.json"
    if not isinstance(rubbish, bytes):
        found = json.loads(path.read_text())
        rubbish = json.dumps(found | {"files": rubbish}).encode()
    path.write_bytes(rubbish)
    snapshots = Snapshots(folder)
    assert [snapshot.id for snapshot in snapshots.list()] == [0]
    assert snapshots.notices() == ("Snapshot 1 is damaged: left out, and kept in the folder.",)
    with pytest.raises(DamagedSnapshot):
        snapshots.restore(1)
    assert snapshots.take("next").id == 2
    (folder / "main.py").write_text("app = 'mine'\n")
    snapshots.restore(0)
    assert (folder / "main.py").read_text() == "app = 'start'\n"


def delete(folder: Path, *numbers: int) -> None:
    for number in numbers:
        (folder / ".lab" / "snapshots" / f"{number}.json").unlink()


@pytest.mark.parametrize("counted", [True, False])
def test_where_the_snapshots_were_deleted_no_number_is_given_twice(
    folder: Path, counted: bool
) -> None:
    lab_writes(folder, "main.py", "app = 'broken'\n")
    shutil.rmtree(folder / ".lab" / "snapshots")
    if not counted:  # a workspace of an earlier lab
        (folder / ".lab" / "snapshots.given").unlink()
    snapshots = Snapshots(folder)
    with pytest.raises(UsageError, match="that would lead back are gone"):
        snapshots.undo()
    for number in (0, 1)[: 2 if counted else 1]:
        with pytest.raises(DamagedSnapshot, match=f"{number}.* is gone"):
            snapshots.restore(number)
    assert snapshots.take("the next").id == (2 if counted else 1)
    with pytest.raises(DamagedSnapshot, match=r"\(the start\) is gone"):
        snapshots.restore(0)
    assert (folder / "main.py").read_text() == "app = 'broken'\n"


def test_what_was_deleted_is_told_and_the_others_still_serve(folder: Path) -> None:
    for number in (1, 2, 3, 4, 5):
        assert Snapshots(folder).take("one more").id == number
    delete(folder, 1, 2, 3, 5)
    snapshots = Snapshots(folder)
    assert snapshots.notices() == (
        "Snapshot 1 and 3 more are gone from .lab/snapshots: nothing leads back there.",
    )
    assert snapshots.take("after it").id == 6
    (folder / "main.py").write_text("app = 'mine'\n")
    snapshots.restore(0)
    assert (folder / "main.py").read_text() == "app = 'start'\n"


@pytest.mark.parametrize("rubbish", [b"", b"\xff", b"-3", b"soon", b"9" * 30])
def test_a_damaged_count_of_the_snapshots_is_made_anew_from_those_that_are_there(
    folder: Path, rubbish: bytes
) -> None:
    (folder / ".lab" / "snapshots.given").write_bytes(rubbish)
    assert Snapshots(folder).notices() == ()
    assert Snapshots(folder).take("the next").id == 1


@pytest.mark.parametrize("damage", ["missing", "wrong"])
def test_a_snapshot_with_a_damaged_part_changes_nothing(folder: Path, damage: str) -> None:
    start = Snapshots(folder).get(0)
    part = folder / ".lab" / "objects" / start.manifest.files["main.py"].sha
    (folder / "main.py").write_text("app = 'mine'\n")
    execute(folder / "todos.db", "INSERT INTO todos VALUES ('bread')")
    if damage == "missing":
        part.unlink()
    else:
        part.write_text("something else")
    with pytest.raises(DamagedSnapshot):
        Snapshots(folder).restore(0)
    assert (folder / "main.py").read_text() == "app = 'mine'\n"
    assert titles(folder) == ["milk", "bread"]
    assert not (folder / ".lab" / "redo.json").exists()


def test_a_damaged_part_is_stored_anew_where_the_content_is_still_there(folder: Path) -> None:
    start = Snapshots(folder).get(0)
    part = folder / ".lab" / "objects" / start.manifest.files["main.py"].sha
    part.write_text("something else")
    Snapshots(folder).take("again")
    assert part.read_text() == "app = 'start'\n"


def test_an_unknown_snapshot_is_the_command_lines_fault(folder: Path) -> None:
    with pytest.raises(UsageError, match="no snapshot 7"):
        Snapshots(folder).undo(7)


@pytest.mark.parametrize("failing", range(1, 10))
def test_a_disk_that_fills_up_half_way_leaves_all_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    start = capture(folder)
    (folder / "new").mkdir()
    for name in ("main.py", "new/a.py", "new/b.py"):
        (folder / name).write_text("changed\n")
    execute(folder / "todos.db", "INSERT INTO todos VALUES ('bread')")
    (folder / "other.db").write_bytes((folder / "todos.db").read_bytes())
    target = Snapshots(folder).take("the other state")
    Snapshots(folder).restore(0)
    assert capture(folder) == start
    (folder / "main.py").write_text("mine\n")
    before = capture(folder)

    real, count = files.write_through, 0

    def write(path: Path, content: bytes, *more: Any, **named: Any) -> None:
        nonlocal count
        if ".lab" not in path.parts:
            count += 1
            if count == failing:
                raise OSError(28, "No space left on device", str(path))
        real(path, content, *more, **named)

    monkeypatch.setattr(files, "write_through", write)
    with pytest.raises(CannotWrite, match="the disk is full"):
        Snapshots(folder).restore(target.id)
    assert capture(folder) == before
    assert not list(folder.rglob("*.lab-tmp"))
    assert not (folder / ".lab" / "redo.json").exists()


def test_a_manifest_survives_its_way_to_json() -> None:
    manifest = Manifest(
        {"a.py": Content("1" * 64, mode=0o755), "b.db": Content("2" * 64, True, 0o600, True)}
    )
    again = Manifest.from_json(json.loads(json.dumps(manifest.as_json())))
    assert again == manifest
    assert again.contents["b.db"].log
    assert again.contents["a.py"].mode == 0o755
