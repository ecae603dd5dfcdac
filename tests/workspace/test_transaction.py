"""A command that is killed at any moment leaves the workspace whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lab.workspace import databases, files, workspace
from lab.workspace.store import Manifest, capture
from lab.workspace.workspace import Workspace
from tests.support.workspaces import execute, in_child, integrity, make_workspace, play

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "my-todos")


def dying_at(point: int) -> None:
    """Make this process kill itself at the n-th replace, unlink or sync."""
    left = point

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)

        return call

    for name in ("replace", "unlink", "fsync"):
        setattr(os, name, counted(getattr(os, name)))


def check_whole(folder: Path, before: Manifest, after: Manifest) -> bool:
    """Assert that a killed change is finished or never began; tell whether it is finished."""
    with workspace.find(folder).locked("lab list", wait=0) as survivor:
        found = capture(folder)
        assert found in (before, after)
        assert integrity(folder / "todos.db") == "ok"
        assert not [p for p in folder.rglob("*.lab-tmp") if ".lab" not in p.parts]
        assert survivor.snapshots.notices() == ()
        if found == before:
            return False
        survivor.undo()
        assert capture(folder) == before
        return True


@pytest.mark.long
def test_a_change_killed_at_any_step_is_whole_after_the_next_command(
    made: Workspace, tmp_path: Path
) -> None:
    base = play(made, tmp_path / "stage")
    before, after = capture(made.folder), capture(tmp_path / "stage")
    outcomes = []
    for point in range(1, 200):
        folder = tmp_path / f"copy-{point}"
        shutil.copytree(made.folder, folder)

        def work(folder: Path = folder, point: int = point) -> None:
            dying_at(point)
            with Workspace.open(folder).locked("lab run break-2") as mine:
                mine.apply(tmp_path / "stage", base, "before break-2")

        ended = in_child(work)
        assert ended in (0, -signal.SIGKILL)
        outcomes.append(check_whole(folder, before, after))
        shutil.rmtree(folder)
        if ended == 0:
            break
    else:
        pytest.fail("the change never came to its end")
    assert len(outcomes) > 20
    assert outcomes == sorted(outcomes), "once begun, a change is always finished"
    assert outcomes.count(True) > 10


@pytest.mark.long
def test_a_database_deleted_and_a_recovery_killed_in_its_turn_are_finished_too(
    made: Workspace, tmp_path: Path
) -> None:
    base = play(made, tmp_path / "stage")
    databases.remove(tmp_path / "stage" / "todos.db")
    before, after = capture(made.folder), capture(tmp_path / "stage")
    for point in range(1, 200):
        folder = tmp_path / f"copy-{point}"
        shutil.copytree(made.folder, folder)

        def work(folder: Path = folder, point: int = point) -> None:
            dying_at(point)
            with Workspace.open(folder).locked("lab run break-1") as mine:
                mine.apply(tmp_path / "stage", base, "before break-1")

        def recover(folder: Path = folder, point: int = point) -> None:
            dying_at(point % 5 + 1)
            with Workspace.open(folder).locked("lab list"):
                pass

        ended = in_child(work)
        in_child(recover)
        with workspace.find(folder).locked("lab list"):
            assert capture(folder) in (before, after)
        shutil.rmtree(folder)
        if ended == 0:
            return
    pytest.fail("the change never came to its end")


def test_commands_killed_at_random_moments_leave_the_workspace_whole(
    made: Workspace, tmp_path: Path
) -> None:
    execute(made.folder / "todos.db", "PRAGMA journal_mode=wal")
    for number in range(15):
        (made.folder / f"part_{number}.py").write_text(f"part = {number}\n")
    base = play(made, tmp_path / "stage")
    for number in range(15):
        (tmp_path / "stage" / f"part_{number}.py").write_text("part = 'changed'\n")
    with closing(sqlite3.connect(tmp_path / "stage" / "todos.db")) as database:
        database.executemany("INSERT INTO todos VALUES (?)", [("x" * 500,)] * 1000)
        database.commit()
    before, after = capture(made.folder), capture(tmp_path / "stage")

    def there_and_back() -> None:
        with Workspace.open(made.folder).locked("lab run break-2") as mine:
            if capture(made.folder) == before:
                mine.apply(tmp_path / "stage", base, "before break-2")
            mine.undo()

    started = time.monotonic()
    assert in_child(there_and_back) == 0
    whole = time.monotonic() - started
    assert capture(made.folder) == before

    dice = random.Random()
    with closing(sqlite3.connect(made.folder / "todos.db")) as server:
        for _ in range(15):
            child = os.fork()
            if child == 0:
                there_and_back()
                os._exit(0)
            time.sleep(dice.uniform(0, whole))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            with workspace.find(made.folder).locked("lab list", wait=0) as survivor:
                found = capture(made.folder)
                assert found in (before, after)
                rows = server.execute("SELECT count(*) FROM todos").fetchone()[0]
                assert rows == (1 if found == before else 1002)
                if found == after:
                    survivor.undo()
                assert capture(made.folder) == before


def test_a_commit_that_running_servers_have_not_heard_of_is_made_again(
    made: Workspace, tmp_path: Path
) -> None:
    execute(made.folder / "todos.db", "PRAGMA journal_mode=wal")
    base = play(made, tmp_path / "stage")
    index = made.folder / "todos.db-shm"

    def rows() -> int:
        return int(server.execute("SELECT count(*) FROM todos").fetchone()[0])

    with closing(sqlite3.connect(made.folder / "todos.db")) as server:
        assert rows() == 1
        heard = index.read_bytes()

        def work() -> None:
            def rename(path: Path, name: str, root: Path | None = None) -> None:
                os.kill(os.getpid(), signal.SIGKILL)

            real = databases.restore

            def restore(source: Path, target: Path) -> None:
                real(source, target)
                setattr(files, "rename", rename)  # noqa: B010 - mypy forbids the assignment

            setattr(databases, "restore", restore)  # noqa: B010
            made.apply(tmp_path / "stage", base, "before break-2")

        assert in_child(work) == -signal.SIGKILL
        # As where the kill came between the log and its index, which all processes share.
        with index.open("r+b") as shared:
            shared.write(heard)
        assert rows() == 1
        with made.locked("lab list"):
            assert capture(made.folder) == capture(tmp_path / "stage")
        assert rows() == 2


def test_what_the_learner_saved_after_a_kill_is_not_finished_over(
    made: Workspace, tmp_path: Path
) -> None:
    base = play(made, tmp_path / "stage")

    def work() -> None:
        real = files.remove

        def remove(path: Path, root: Path | None = None) -> None:
            if path.name == "schemas.py":
                os.kill(os.getpid(), signal.SIGKILL)
            real(path, root)

        setattr(files, "remove", remove)  # noqa: B010 - mypy forbids the plain assignment
        made.apply(tmp_path / "stage", base, "before break-2")

    assert in_child(work) == -signal.SIGKILL
    (made.folder / "todos_app" / "schemas.py").write_text("# the learner's\n")
    with made.locked("lab list") as mine:
        assert any("schemas.py was changed since" in notice for notice in mine.notices)
    assert (made.folder / "todos_app" / "schemas.py").read_text() == "# the learner's\n"
    assert (made.folder / "todos_app" / "models.py").read_text() == "# changed\n"


@pytest.mark.parametrize("path", [None, "../outside.py", "no\0name.py", "no\ud800name.py"])
def test_a_damaged_record_of_a_killed_change_does_not_block_the_workspace(
    made: Workspace, path: str | None
) -> None:
    record = made.folder / ".lab" / "redo.json"
    step = {"path": path, "before": None, "after": None}
    made_in = record.parent.stat().st_ino
    note = {"schema": 2, "made_in": made_in, "steps": [step]}
    damaged = json.dumps(note).encode() if path else b"{"
    record.write_bytes(damaged)
    with made.locked("lab list") as mine:
        assert "redo.json.damaged" in mine.notices[0]
    with made.locked("lab list") as mine:
        assert mine.notices == ()
    assert record.with_name("redo.json.damaged").read_bytes() == damaged
