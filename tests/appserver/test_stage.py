"""A stage is a true copy, and what changes in it comes back without harming anything."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lab import regular_files
from lab.model import (
    ChangedMeanwhile,
    NotPossible,
    Unreadable,
    UsageError,
)
from lab.workspace import databases, files
from lab.workspace.store import capture
from lab.workspace.workspace import Workspace
from tests.support.workspaces import execute, make_workspace, picture, play, titles

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that are files")


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "my-todos")


def test_a_stage_has_sources_and_committed_rows_and_nothing_of_the_lab(
    made: Workspace, tmp_path: Path
) -> None:
    (made.folder / "todos_app" / "__pycache__").mkdir()
    (made.folder / "todos_app" / "__pycache__" / "main.pyc").touch()
    (made.folder / "empty").mkdir()
    (made.folder / "run.sh").touch()
    (made.folder / "run.sh").chmod(0o755)
    with closing(sqlite3.connect(made.folder / "todos.db")) as server:
        server.execute("PRAGMA journal_mode=wal")
        server.execute("INSERT INTO todos VALUES ('bread')")
        server.commit()
        staged = made.stage(tmp_path / "stage")
    assert titles(tmp_path / "stage") == ["milk", "bread"]
    assert sorted(p.name for p in (tmp_path / "stage").iterdir()) == sorted(
        ["answers.md", "empty", "run.sh", "todos.db", "todos_app"]
    )
    assert not (tmp_path / "stage" / "todos_app" / "__pycache__").exists()
    assert files.mode_of(tmp_path / "stage" / "run.sh") == 0o755
    assert staged.manifest == capture(tmp_path / "stage") == capture(made.folder)


def test_a_stage_without_databases_has_none(made: Workspace, tmp_path: Path) -> None:
    staged = made.stage(tmp_path / "stage", databases=False)
    assert not (tmp_path / "stage" / "todos.db").exists()
    assert staged.manifest.databases == {}


def test_a_damaged_database_is_staged_as_it_is(made: Workspace, tmp_path: Path) -> None:
    (made.folder / "todos.db").write_bytes(b"rubbish")
    (made.folder / "todos.db-journal").write_bytes(b"a journal")
    made.stage(tmp_path / "stage")
    assert (tmp_path / "stage" / "todos.db").read_bytes() == b"rubbish"
    assert (tmp_path / "stage" / "todos.db-journal").read_bytes() == b"a journal"


@needs_pipes
def test_links_pipes_and_big_files_do_no_harm_to_a_stage(
    made: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BIG", 100_000)
    home = made.folder
    (home / "inside.py").symlink_to("todos_app/main.py")
    (home / "dangling.py").symlink_to("nowhere.py")
    (home / "circle").symlink_to("circle")
    (home / "up").symlink_to("..")
    (home / "package").symlink_to("todos_app")
    (home / "film.mp4").write_bytes(b"x" * 200_000)
    os.mkfifo(home / "pipe")
    monkeypatch.chdir(home)  # a socket's path has a length limit
    with closing(socket.socket(socket.AF_UNIX)) as unix:
        unix.bind("socket")
    stage = tmp_path / "stage"
    staged = made.stage(stage)
    (home / "todos_app" / "main.py").write_text("later = 1\n")
    assert "later" not in (stage / "inside.py").read_text()
    assert (stage / "inside.py").read_text() == (stage / "todos_app" / "main.py").read_text()
    assert (stage / "package" / "models.py").exists()
    for name in ("dangling.py", "circle", "up", "film.mp4", "pipe", "socket"):
        assert not os.path.lexists(stage / name)
        assert any(notice.startswith(f"{name} ") for notice in staged.notices)


def test_a_source_that_cannot_be_read_is_named(
    made: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = regular_files.opened

    def opened(path: Path, *given: Any, **named: Any) -> int:
        if path.name == "models.py":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *given, **named)

    monkeypatch.setattr(regular_files, "opened", opened)  # the superuser may read everything
    with pytest.raises(Unreadable, match=r"models\.py: permission denied"):
        made.stage(tmp_path / "stage")


# Bringing changes back


def test_what_changed_in_the_stage_comes_into_the_workspace(
    made: Workspace, tmp_path: Path
) -> None:
    (made.folder / "todos_app" / "models.py").chmod(0o664)
    before = capture(made.folder)
    base = play(made, tmp_path / "stage")
    change = made.apply(tmp_path / "stage", base, "before break-2", "break-2")
    assert sorted(change.changed) == [
        "todos.db", "todos_app/extra.py", "todos_app/models.py", "todos_app/schemas.py",
    ]  # fmt: skip
    assert capture(made.folder) == capture(tmp_path / "stage")
    assert files.mode_of(made.folder / "todos_app" / "models.py") == 0o664
    assert change.saved is not None
    assert (change.saved.manifest, change.saved.exercise) == (before, "break-2")
    made.undo()
    assert capture(made.folder) == before


def test_a_server_of_the_learners_own_sees_what_the_stage_stored(
    made: Workspace, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(made.folder / "todos.db")) as server:
        base = play(made, tmp_path / "stage")
        made.apply(tmp_path / "stage", base, "x")
        assert server.execute("SELECT count(*) FROM todos").fetchone() == (2,)
        made.undo()
        assert server.execute("SELECT count(*) FROM todos").fetchone() == (1,)


def test_a_database_that_the_stage_deleted_is_deleted_and_undo_brings_it_back(
    made: Workspace, tmp_path: Path
) -> None:
    base = made.stage(tmp_path / "stage").manifest
    (tmp_path / "stage" / "todos.db").unlink()
    made.apply(tmp_path / "stage", base, "before break-1")
    assert not (made.folder / "todos.db").exists()
    made.undo()
    assert titles(made.folder) == ["milk"]


def test_where_the_stage_changed_nothing_nothing_happens(made: Workspace, tmp_path: Path) -> None:
    base = made.stage(tmp_path / "stage").manifest
    before = picture(made.folder)
    assert made.apply(tmp_path / "stage", base, "x").changed == ()
    assert picture(made.folder) == before


def saved_source(folder: Path) -> None:
    (folder / "todos_app" / "models.py").write_text("# the learner's\n")


def saved_other_source(folder: Path) -> None:
    (folder / "todos_app" / "main.py").write_text("# the learner's\n")


def deleted_source(folder: Path) -> None:
    (folder / "todos_app" / "models.py").unlink()


def added_source(folder: Path) -> None:
    (folder / "todos_app" / "extra.py").write_text("# the learner's\n")


def stored_row(folder: Path) -> None:
    execute(folder / "todos.db", "INSERT INTO todos VALUES ('the learner''s')")


@pytest.mark.parametrize(
    "meanwhile", [saved_source, saved_other_source, deleted_source, added_source, stored_row]
)
def test_where_the_learner_saved_meanwhile_nothing_is_changed(
    made: Workspace, tmp_path: Path, meanwhile: Callable[[Path], None]
) -> None:
    base = play(made, tmp_path / "stage")
    meanwhile(made.folder)
    before = capture(made.folder)
    with pytest.raises(ChangedMeanwhile):
        made.apply(tmp_path / "stage", base, "x")
    assert capture(made.folder) == before
    assert [snapshot.id for snapshot in made.snapshots.list()] == [0]


def test_answers_written_meanwhile_do_not_stand_in_the_way(made: Workspace, tmp_path: Path) -> None:
    base = play(made, tmp_path / "stage")
    (made.folder / "answers.md").write_text("an ORM is ...\n")
    made.apply(tmp_path / "stage", base, "x")
    assert (made.folder / "answers.md").read_text() == "an ORM is ...\n"


def test_a_source_saved_while_files_are_being_replaced_is_kept(
    made: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = play(made, tmp_path / "stage")
    real = databases.restore

    def restore(source: Path, target: Path) -> None:
        real(source, target)
        saved_source(made.folder)

    monkeypatch.setattr(databases, "restore", restore)
    with pytest.raises(ChangedMeanwhile):
        made.apply(tmp_path / "stage", base, "x")
    assert (made.folder / "todos_app" / "models.py").read_text() == "# the learner's\n"
    assert titles(made.folder) == ["milk"]
    assert (made.folder / "todos_app" / "schemas.py").exists()


def test_a_link_is_left_alone_and_stops_only_a_change_of_its_own(
    made: Workspace, tmp_path: Path
) -> None:
    shared = made.folder / "common.py"
    shared.write_text("shared = 1\n")
    (made.folder / "shared.py").symlink_to("common.py")
    base = play(made, tmp_path / "stage")
    made.apply(tmp_path / "stage", base, "x")
    base = made.stage(tmp_path / "next").manifest
    (tmp_path / "next" / "shared.py").unlink()
    (tmp_path / "next" / "shared.py").write_text("changed = 1\n")
    with pytest.raises(NotPossible, match=r"shared\.py is a link"):
        made.apply(tmp_path / "next", base, "x")
    assert shared.read_text() == "shared = 1\n"


def test_reset_goes_back_to_the_start_and_keeps_answers_and_journal(
    made: Workspace, tmp_path: Path
) -> None:
    start = made.snapshots.get(0).manifest
    (made.folder / "answers.md").write_text("an ORM is ...\n")
    (made.folder / ".lab" / "journal.jsonl").write_text("{}\n")
    base = play(made, tmp_path / "stage")
    made.apply(tmp_path / "stage", base, "x")
    made.reset()
    assert (made.folder / "answers.md").read_text() == "an ORM is ...\n"
    assert (made.folder / ".lab" / "journal.jsonl").read_text().startswith("{}\n")
    assert {**capture(made.folder).contents, "answers.md": start.contents["answers.md"]} == (
        start.contents
    )
    made.undo()
    assert titles(made.folder) == ["milk", "from the stage"]


def test_diff_shows_what_changed_since_the_start_or_for_an_exercise(
    made: Workspace, tmp_path: Path
) -> None:
    (made.folder / "todos_app" / "main.py").write_text("by_hand = 1")
    (made.folder / "image.png").write_bytes(b"\x00\x01")
    (made.folder / "answers.md").write_text("an ORM is ...\n")
    base = play(made, tmp_path / "stage")
    made.apply(tmp_path / "stage", base, "before break-2", "break-2")
    since_start = made.diff()
    assert "+by_hand = 1\n\\ No newline at end of file\n" in since_start
    assert "--- /dev/null\n+++ b/todos_app/extra.py\n@@ -0,0 +1 @@\n+# added\n" in since_start
    assert "--- a/todos_app/schemas.py\n+++ /dev/null\n" in since_start
    assert "Binary file image.png differs\n" in since_start
    assert "ORM is" not in since_start
    for_exercise = made.diff("break-2")
    assert "by_hand" not in for_exercise
    assert "+# changed\n" in for_exercise
    with pytest.raises(UsageError, match="nothing for break-3"):
        made.diff("break-3")
