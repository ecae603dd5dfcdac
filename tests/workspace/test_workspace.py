"""A workspace is made whole, found, and held by one command at a time."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lab.model import (
    CannotWrite,
    LabError,
    NotPossible,
    NoWorkspace,
    UsageError,
    WorkspaceBusy,
)
from lab.workspace import creation, workspace
from lab.workspace.creation import must_be_free
from lab.workspace.store import Manifest
from lab.workspace.workspace import Workspace
from tests.support.workspaces import in_child, make_workspace, picture, titles

KILL = signal.SIGTERM if os.name == "nt" else signal.SIGKILL
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "my-todos")


# Making one


def test_a_new_workspace_holds_the_reference_and_the_questions(tmp_path: Path) -> None:
    made = creation.create(tmp_path / "deep" / "my-todos")
    reference = Path(workspace.__file__).parent.parent / "todos_app"
    for path in reference.glob("*.py"):
        assert (made.folder / "todos_app" / path.name).read_bytes() == path.read_bytes()
    assert not (made.folder / "todos_app" / "__pycache__").exists()
    answers = (made.folder / "answers.md").read_text("utf-8")
    assert [f"## explain-{n}" in answers for n in (1, 2, 3, 4)] == [True] * 4
    state = json.loads((made.folder / ".lab" / "state.json").read_bytes())
    assert (state["schema"], state["app"]) == (1, None)
    assert [snapshot.id for snapshot in made.snapshots.list()] == [0]
    assert made.diff() == ""
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["my-todos"]


@pytest.mark.parametrize("name", [".main.py.swp", "main.py~", "main.py.crswap"])
def test_what_an_editor_keeps_beside_a_file_is_left_alone(made: Workspace, name: str) -> None:
    left = made.folder / "todos_app" / name
    left.write_bytes(b"of an editor that runs")
    assert made.diff() == ""
    (made.folder / "todos_app" / "main.py").write_text("app = None\n", "utf-8")
    with made.locked("a test", changes=True) as held:
        held.reset()
        assert left.read_bytes() == b"of an editor that runs"
        left.unlink()
        held.undo()
    assert not left.exists()


@pytest.mark.parametrize(
    "name", [".git", ".venv", "X.PYC", "Node_Modules/a.js", ".VSCode/settings.json"]
)
def test_what_is_left_alone_spoils_no_snapshot_whatever_its_name(
    made: Workspace, name: str
) -> None:
    left, main = made.folder / name, made.folder / "todos_app" / "main.py"
    left.parent.mkdir(exist_ok=True)
    left.write_text("gitdir: /elsewhere", "utf-8")
    main.write_text("mine = 1\n", "utf-8")
    with made.locked("a test", changes=True) as held:
        held.reset()
        assert left.read_text("utf-8") == "gitdir: /elsewhere"
        held.undo()
    assert main.read_text("utf-8") == "mine = 1\n"
    assert left.exists()


def test_what_an_earlier_lab_has_stored_of_an_editor_spoils_no_snapshot(made: Workspace) -> None:
    snapshot = made.folder / ".lab" / "snapshots" / "0.json"
    found = json.loads(snapshot.read_bytes())
    found["files"]["todos_app/.main.py.swp"] = found["files"]["answers.md"]
    snapshot.write_text(json.dumps(found), "utf-8")
    assert made.diff() == ""


def test_an_empty_folder_becomes_a_workspace_and_stays_the_same_folder(tmp_path: Path) -> None:
    inode = tmp_path.stat().st_ino
    creation.create(tmp_path)
    assert tmp_path.stat().st_ino == inode
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lab", "answers.md", "todos_app"]


def test_a_folder_that_holds_anything_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        creation.create(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


@needs_fork
@pytest.mark.parametrize("there", [True, False], ids=["empty folder", "new folder"])
def test_what_a_killed_init_was_building_is_in_nobodys_way(tmp_path: Path, there: bool) -> None:
    target = tmp_path / "my-todos"
    if there:
        target.mkdir()
    in_child(lambda: creation.create(target, prepare=lambda _: os.kill(os.getpid(), KILL)))
    assert list(tmp_path.rglob("*.lab-new-*"))
    creation.create(target)
    assert [path.name for path in tmp_path.iterdir()] == ["my-todos"]
    assert sorted(path.name for path in target.iterdir()) == [".lab", "answers.md", "todos_app"]


@needs_fork
@pytest.mark.parametrize("moves", [0, 1, 2])
def test_an_init_killed_while_its_workspace_moves_in_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    rename = Path.rename
    left = iter(range(moves))

    def killing(path: Path, to: Path) -> Path:
        if next(left, None) is None:
            os.kill(os.getpid(), KILL)
        return rename(path, to)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killing)
        in_child(lambda: creation.create(tmp_path))
    if moves:  # else nothing is at its place yet
        (tmp_path / "answers.md").write_text("mine")
        with pytest.raises(UsageError, match="is a workspace already"):
            creation.create(tmp_path)
        assert (tmp_path / "answers.md").read_text() == "mine"
    else:
        creation.create(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lab", "answers.md", "todos_app"]
    assert Workspace.open(tmp_path).diff() == ""


def test_what_another_init_is_building_is_left_to_it(tmp_path: Path) -> None:
    target = tmp_path / "my-todos"

    def second(folder: Path) -> None:
        must_be_free(target)
        assert (folder / "todos_app" / "main.py").exists()

    creation.create(target, prepare=second)
    assert workspace.find(tmp_path, target).diff() == ""


def test_a_workspace_is_not_made_twice(made: Workspace) -> None:
    before = picture(made.folder)
    with pytest.raises(UsageError, match="is a workspace already"):
        creation.create(made.folder)
    assert picture(made.folder) == before


def test_a_file_is_no_place_for_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is no folder"):
        creation.create(tmp_path / "file")
    with pytest.raises(UsageError, match="is no folder"):
        creation.create(tmp_path / "file" / "below")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a place nobody can write to")
def test_where_nothing_can_be_written_one_sentence_says_so() -> None:
    with pytest.raises(CannotWrite) as caught:
        creation.create(Path("/proc/my-todos"))
    assert caught.value.exit_code == 3
    assert "/proc/my-todos" in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("deep", ["my-todos", "a/b/my-todos", "empty"])
def test_a_full_disk_leaves_no_half_made_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deep: str
) -> None:
    (tmp_path / "empty").mkdir()
    before = sorted(tmp_path.rglob("*"))
    real, count = Path.rename, 0

    def rename(path: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == 2 or deep != "empty":
            raise OSError(28, "No space left on device")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(CannotWrite, match="the disk is full"):
        creation.create(tmp_path / deep)
    assert sorted(tmp_path.rglob("*")) == before


@needs_fork
def test_a_file_that_the_system_will_not_let_grow_leaves_no_half_made_workspace(
    tmp_path: Path,
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "main.py").write_text("app = 1\n")
    (project / "data.json").write_text("1" * 300_000)

    def limited() -> None:
        import resource  # not on every system

        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with pytest.raises(CannotWrite):
            creation.adopt(project, tmp_path / "mine", "main:app")

    assert in_child(limited) == 0
    assert [p.name for p in tmp_path.iterdir()] == ["project"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """The course's flat layout, with an open database and what tools leave behind."""
    folder = tmp_path / "project"
    for below in ("venv", ".git", "__pycache__", "node_modules/x", "data"):
        (folder / below).mkdir(parents=True)
    (folder / "venv" / "pyvenv.cfg").touch()
    (folder / ".git" / "HEAD").touch()
    (folder / "__pycache__" / "app.pyc").touch()
    (folder / "node_modules" / "x" / "index.js").touch()
    (folder / "app.py").write_bytes(b"\xef\xbb\xbfapp = 1\r\n")
    (folder / ".env").write_text("DATABASE_URL=sqlite:///./data/todos.db")
    with closing(sqlite3.connect(folder / "data" / "todos.db")) as server:
        server.execute("PRAGMA journal_mode=wal")
        server.execute("CREATE TABLE todos (title TEXT)")
        server.execute("INSERT INTO todos VALUES ('milk')")
        server.commit()
        yield folder


def test_an_adopted_project_is_copied_with_its_rows_and_itself_untouched(
    project: Path, tmp_path: Path
) -> None:
    before = picture(project)
    made = creation.adopt(project, tmp_path / "mine", "app:app")
    assert picture(project) == before
    assert sorted(p.name for p in made.folder.rglob("*") if ".lab" not in p.parts) == sorted(
        [".env", "answers.md", "app.py", "data", "todos.db"]
    )
    assert (made.folder / "app.py").read_bytes() == b"\xef\xbb\xbfapp = 1\r\n"
    assert titles(made.folder / "data") == ["milk"]
    assert Workspace.open(made.folder).app == "app:app"


def test_a_project_is_not_adopted_into_itself(project: Path) -> None:
    before = picture(project)
    with pytest.raises(UsageError, match="lies inside"):
        creation.adopt(project, project / "my-todos", "app:app")
    assert picture(project) == before


@pytest.mark.parametrize("app", ["app", "app:", "app.py", "../app:app", "a b:app"])
def test_an_app_is_named_by_module_and_attribute(project: Path, tmp_path: Path, app: str) -> None:
    with pytest.raises(UsageError, match="does not name an app"):
        creation.adopt(project, tmp_path / "mine", app)


# Finding one


def test_the_nearest_workspace_upward_is_found_then_my_todos(
    made: Workspace, tmp_path: Path
) -> None:
    assert workspace.find(made.folder / "todos_app").folder == made.folder
    assert workspace.find(tmp_path).folder == made.folder
    assert workspace.find(tmp_path / "todos", explicit=made.folder).folder == made.folder
    assert workspace.find(tmp_path, app="other:app").app == "other:app"


def test_without_a_workspace_the_remedy_is_lab_init(tmp_path: Path) -> None:
    for explicit in (None, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NoWorkspace) as caught:
            workspace.find(tmp_path, explicit)
        assert "lab init" in caught.value.remedy
        assert caught.value.exit_code == 2


def test_a_file_in_the_place_of_a_folder_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "main.py").touch()
    with pytest.raises(NoWorkspace, match=r"main\.py is no folder") as caught:
        workspace.find(tmp_path, tmp_path / "main.py", app="main:app")
    assert caught.value.remedy == f"Name one: `-w {tmp_path}`."


def test_a_folder_with_python_files_and_no_state_is_looked_at_without_further_options(
    tmp_path: Path,
) -> None:
    (tmp_path / "todo.py").touch()
    found = workspace.find(tmp_path, explicit=tmp_path)
    assert (found.is_read_only, found.app) == (True, None)


def test_nothing_is_written_into_a_read_only_folder(project: Path, tmp_path: Path) -> None:
    before = picture(project)
    found = workspace.find(tmp_path, explicit=project, app="app:app")
    assert found.is_read_only
    with found.locked("lab verify"):
        found.stage(tmp_path / "stage")
        found.journal.entries()
    with pytest.raises(NotPossible, match="only looked at"):
        found.apply(tmp_path / "stage", Manifest(), "x")
    assert titles(tmp_path / "stage" / "data") == ["milk"]
    assert picture(project) == before


@pytest.mark.parametrize(
    "rubbish",
    [
        *(b"", b"{", b"\xff\x00\x01", b"[]", b'{"schema": "1"}', b'{"schema": 1, "app": 5}'),
        b'{"schema": 1, "app": null, "created": "", "todos": "/to\\ud800dos"}',
    ],
)
def test_damaged_settings_are_set_aside_with_a_notice(made: Workspace, rubbish: bytes) -> None:
    state = made.folder / ".lab"
    (state / "state.json").write_bytes(rubbish)
    found = workspace.find(made.folder)
    assert found.app is None
    assert len(found.notices) == 1
    aside = list(state.glob("state.json.damaged-*"))
    assert [path.read_bytes() for path in aside] == [rubbish]
    assert aside[0].name in found.notices[0]
    assert workspace.find(made.folder).notices == ()


def test_a_workspace_of_a_newer_lab_is_left_as_it_is(made: Workspace) -> None:
    (made.folder / ".lab" / "state.json").write_text('{"schema": 2, "app": null}')
    with pytest.raises(LabError, match="newer version"):
        workspace.find(made.folder)
    assert not list((made.folder / ".lab").glob("*.damaged*"))


# One command at a time

HOLDER = """
import sys, time
from pathlib import Path
from lab.workspace.workspace import Workspace
with Workspace.open(Path(sys.argv[1])).locked("lab run break-2"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(made: Workspace) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the workspace."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(made.folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(workspace.__file__).parent.parent,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_command_waits_briefly_and_says_who_holds_the_workspace(
    made: Workspace, holder: subprocess.Popen[str]
) -> None:
    started = time.monotonic()
    with pytest.raises(WorkspaceBusy) as caught, made.locked("lab undo", wait=0.3):
        pass
    assert 0.3 <= time.monotonic() - started < 3
    assert "`lab run break-2`" in caught.value.message
    assert f"process {holder.pid}" in caught.value.message


def test_a_killed_command_holds_nothing(made: Workspace, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    with made.locked("lab undo", wait=0.3) as mine:
        assert mine.notices == ()


def test_the_workspace_is_free_after_a_command_even_one_that_failed(made: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), made.locked("lab run break-2"):
        _ = 1 / 0
    with made.locked("lab undo", wait=0):
        pass


@needs_fork
def test_a_child_that_outlives_the_command_does_not_hold_the_workspace(made: Workspace) -> None:
    with made.locked("lab run break-2"):
        child = os.fork()
        if child == 0:
            time.sleep(30)
            os._exit(0)
    try:
        with made.locked("lab undo", wait=0):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
