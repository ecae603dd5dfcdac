"""Names, folders and temporary files as no ordinary machine has them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from lab.model import CannotWrite
from lab.workspace import temporary
from tests.support.commands import LAB, Shell
from tests.support.workspaces import make_workspace

LONG = "x" * 300


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    make_workspace(tmp_path / "my-todos")
    return Shell(tmp_path)


@pytest.mark.parametrize(
    "command",
    [f"list -w {LONG}", f"init {LONG}", f"init new --from {LONG} --app main:app"],
)
def test_a_name_that_is_too_long_is_told_of(shell: Shell, command: str) -> None:
    ended = shell.lab(*command.split())
    ended.said("longer than this system allows")
    assert ended.code == 2


def test_a_current_folder_that_is_gone_is_told_of(shell: Shell) -> None:
    gone = shell.folder / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", *LAB, "list"],
        cwd=gone,
        env=shell.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "The folder that you are in is gone." in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize(
    "folder", [".", pytest.param("my-todos", marks=pytest.mark.long)], ids=["beside", "inside"]
)
def test_temporary_files_in_the_current_folder_are_nobodys_fault(shell: Shell, folder: str) -> None:
    where = Shell(shell.folder / folder)
    ended = where.lab("verify", "persist", "-w", shell.folder / "my-todos", TMPDIR=".")
    ended.said("passed")
    assert ended.code == 0
    assert not list(where.folder.glob(f"{temporary.PREFIX}*"))


def test_going_back_never_ends_as_a_verdict_would(shell: Shell) -> None:
    nothing = shell.lab("undo")
    nothing.said("nothing to undo")
    assert nothing.code == 2
    (shell.folder / "my-todos" / ".lab" / "snapshots" / "0.json").write_text("{")
    damaged = shell.lab("reset")
    damaged.said("Snapshot 0 is damaged")
    assert damaged.code == 3


def test_reset_says_what_it_removed(shell: Shell) -> None:
    (shell.folder / "my-todos" / "mine.py").write_text("mine = 1\n")
    shell.lab("reset").said("mine.py is removed")
    shell.lab("undo").said("mine.py")
    assert "removed" not in shell.lab("snapshots").out


def test_snapshots_are_listed_in_local_time(shell: Shell) -> None:
    taken = shell.lab("snapshots", "--json", TZ="UTC").json["snapshots"][0]["taken_at"]
    hour = int(taken[11:13])
    shell.lab("snapshots", TZ="XXX-3").said(f"{(hour + 3) % 24:02}:{taken[14:16]}")


@pytest.mark.parametrize("mark", [True, False], ids=["with its mark", "without"])
def test_the_next_command_clears_what_a_killed_one_has_left(shell: Shell, mark: bool) -> None:
    left = shell.temporary / f"{temporary.PREFIX}left"
    (left / "stage").mkdir(parents=True)
    if mark:
        (left / temporary.MARK).touch()
    old = time.time() - temporary.OLD - 60
    os.utime(left, (old, old))
    (shell.temporary / f"{temporary.PREFIX}empty").mkdir()
    young = shell.temporary / f"{temporary.PREFIX}young"
    (young / "stage").mkdir(parents=True)
    shell.lab("list")
    assert shell.left() == [young.name]


def test_a_folder_that_a_learner_calls_after_the_lab_is_not_cleared(shell: Shell) -> None:
    theirs = shell.temporary / "lab-homework"
    theirs.mkdir(parents=True)
    (theirs / "notes.txt").write_text("mine\n")
    os.utime(theirs, (0, 0))
    shell.lab("list")
    assert (theirs / "notes.txt").exists()


def test_a_folder_that_another_command_clears_as_it_is_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tempfile.mkdtemp
    made: list[str] = []

    def mkdtemp(**options: Any) -> str:
        made.append(real(**options))
        if len(made) == 1:
            Path(made[0]).rmdir()
        return made[-1]

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp)
    with temporary.own_folder():
        assert [path.name for path in Path(made[1]).iterdir()] == [temporary.MARK]


def test_who_is_told_of_a_full_disk_reads_of_a_folder_that_will_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(temporary, "ROOM", 2**63)
    with temporary.own_folder(), pytest.raises(CannotWrite) as caught:
        temporary.must_have_room()
    assert f"in {tmp_path}." in caught.value.message


def test_a_clearing_that_is_killed_leaves_the_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    real, order = shutil.rmtree, []

    def rmtree(path: Path, **options: Any) -> None:
        order.append((path.name, [mark.name for mark in tmp_path.glob(f"*/{temporary.MARK}")]))
        real(path, **options)

    with temporary.own_folder():
        (next(tmp_path.iterdir()) / "a stage").mkdir()
        monkeypatch.setattr(shutil, "rmtree", rmtree)
    assert order[0] == ("a stage", [temporary.MARK])
    assert not list(tmp_path.iterdir())
