"""A folder that came from somebody else harms nothing outside of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest

from lab import regular_files
from lab.model import LabError, LinkRefused
from lab.workspace import creation, files, workspace
from lab.workspace.journal import Kind
from lab.workspace.store import capture, leads_out, stays_inside
from lab.workspace.transaction import recover
from lab.workspace.workspace import Workspace
from tests.support.workspaces import make_workspace, picture

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need a right there")


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "their-todos")


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A folder of the one who judges, which nothing may change."""
    folder = tmp_path / "mine"
    (folder / "snapshots").mkdir(parents=True)
    (folder / "objects").mkdir()
    (folder / "grades.csv").write_text("ada,1.0\n")
    (folder / "main.py").write_text("mine = 1\n")
    (folder / ".main.py.lab-tmp").write_text("mine too\n")
    return folder


def use(folder: Path) -> None:
    """Do with a workspace all that commands do, whatever it says to that."""
    doings: tuple[Callable[[Workspace], object], ...] = (
        lambda held: held.journal.append(Kind.VERDICT, "persist", verdict="passed"),
        lambda held: held.journal.entries(),
        lambda held: held.snapshots.take("by hand", before_change=True),
        lambda held: held.snapshots.notices(),
        lambda held: held.undo(),
        lambda held: held.reset(),
        lambda held: held.diff(),
    )
    for do in doings:
        with suppress(LabError), workspace.find(folder, folder).locked("lab verify", 0) as held:
            do(held)


def record(made: Workspace, path: str, made_in: int | None = None) -> None:
    """Leave the record of a change that was killed: it deletes or writes a path."""
    with made.locked("lab run"):
        sha = next(iter(capture(made.folder, made.snapshots.objects).files.values())).sha
    state = made.folder / ".lab"
    content = {"sha": sha, "mode": 0o644, "database": False, "log": False}
    victim = made.folder / path
    there = {**content, "sha": files_sha(victim)} if victim.is_file() else None
    note = {
        "schema": 2,
        "made_in": state.stat().st_ino if made_in is None else made_in,
        "steps": [{"path": path, "before": there, "after": content}],
    }
    (state / "redo.json").write_text(json.dumps(note))


def files_sha(path: Path) -> str:
    from hashlib import sha256

    return sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("dangling", [False, True], ids=["to a file", "to nothing"])
@pytest.mark.parametrize("relative", [False, True], ids=["absolute", "relative"])
@pytest.mark.parametrize(
    "name",
    [
        *("lock", "journal.jsonl", "state.json", "redo.json", "redo.json.damaged"),
        *("snapshots/0.json", "snapshots/1.json", "snapshots.given"),
        *(".state.json.lab-tmp", ".redo.json.lab-tmp", ".snapshots.given.lab-tmp"),
        *("snapshots/.1.json.lab-tmp",),
    ],
)
def test_a_link_in_the_place_of_the_labs_own_file_changes_nothing_elsewhere(
    made: Workspace, victim: Path, name: str, relative: bool, dangling: bool
) -> None:
    target = victim / ("not-there" if dangling else "grades.csv")
    place = made.folder / ".lab" / name
    place.unlink(missing_ok=True)
    place.symlink_to(os.path.relpath(target, place.parent) if relative else target)
    before = picture(victim)
    use(made.folder)
    assert picture(victim) == before


@pytest.mark.parametrize("name", [".lab", ".lab/snapshots", ".lab/objects"])
def test_a_link_in_the_place_of_the_labs_own_folder_is_refused_in_words(
    made: Workspace, victim: Path, name: str
) -> None:
    place = made.folder / name
    shutil.rmtree(place)
    place.symlink_to(victim)
    before = picture(victim)
    use(made.folder)
    assert picture(victim) == before
    with (
        pytest.raises(LinkRefused, match="is a link") as caught,
        workspace.find(made.folder, made.folder).locked("lab run") as held,
    ):
        held.snapshots.take("by hand")
    assert caught.value.exit_code == 2


def test_a_circle_of_links_is_refused_in_words(made: Workspace) -> None:
    (made.folder / ".lab" / "journal.jsonl").symlink_to("journal.jsonl")
    with pytest.raises(LinkRefused):
        made.journal.entries()
    with pytest.raises(LinkRefused):
        made.journal.append(Kind.HINT, "persist")


@pytest.mark.parametrize("name", ["lock", "journal.jsonl", "state.json", "snapshots.given"])
def test_a_second_name_of_somebody_elses_file_is_not_written_through(
    made: Workspace, victim: Path, name: str
) -> None:
    place = made.folder / ".lab" / name
    place.unlink(missing_ok=True)
    os.link(victim / "grades.csv", place)
    before = picture(victim)
    use(made.folder)
    assert picture(victim) == before


def test_a_journal_with_a_second_name_goes_on_under_its_own(made: Workspace, victim: Path) -> None:
    made.journal.append(Kind.HINT, "persist")
    os.link(made.folder / ".lab" / "journal.jsonl", victim / "backup.jsonl")
    made.journal.append(Kind.HINT, "alter-1")
    assert [entry.exercise for entry in made.journal.entries()] == ["persist", "alter-1"]
    assert (victim / "backup.jsonl").read_text().count("\n") == 1


@pytest.mark.parametrize(
    "path", ["inner/grades.csv", "inner/new.py", "inner/main.py", "a/b/grades.csv"]
)
def test_a_record_that_leads_through_a_linked_folder_reaches_nothing(
    made: Workspace, victim: Path, path: str
) -> None:
    (made.folder / "inner").symlink_to(victim)
    (made.folder / "a").mkdir()
    (made.folder / "a" / "b").symlink_to("../inner")
    before = picture(victim)
    record(made, path)
    with made.locked("lab verify") as held:
        assert any("left as it is" in notice for notice in held.notices)
    assert picture(victim) == before


@pytest.mark.parametrize(
    "path",
    [
        *("../mine/grades.csv", "a/../../mine/grades.csv", "..", "", "/etc/hosts"),
        *(".git/hooks/post-checkout", "sub/.GIT/config", ".venv/bin/python", ".lab/state.json"),
    ],
)
def test_neither_a_record_nor_a_snapshot_names_a_path_that_the_lab_leaves_alone(
    made: Workspace, victim: Path, path: str
) -> None:
    assert not stays_inside(path)
    before = picture(victim)
    record(made, path)
    with made.locked("lab verify") as held:
        assert any("damaged" in notice for notice in held.notices)
    assert picture(victim) == before
    snapshot = made.folder / ".lab" / "snapshots" / "0.json"
    found = json.loads(snapshot.read_text())
    found["files"][path] = {"sha": "0" * 64, "mode": 0o755}
    snapshot.write_text(json.dumps(found))
    # What the lab leaves alone is no part of a snapshot that names it.
    refused = pytest.raises(LabError) if leads_out(path) else nullcontext()
    with refused, made.locked("lab reset") as held:
        held.reset()
    assert picture(victim) == before


def test_a_record_that_was_made_in_another_folder_is_set_aside(
    made: Workspace, tmp_path: Path
) -> None:
    record(made, "todos_app/main.py")
    shutil.copytree(made.folder, tmp_path / "copied")
    before = capture(tmp_path / "copied")
    with Workspace.open(tmp_path / "copied").locked("lab verify") as held:
        assert any("made in another folder" in notice for notice in held.notices)
    assert capture(tmp_path / "copied") == before
    made.folder.rename(tmp_path / "renamed")
    with Workspace.open(tmp_path / "renamed").locked("lab list") as held:
        assert any("finished now" in notice for notice in held.notices)


def test_a_folder_that_becomes_a_link_after_the_look_at_it_is_not_written_through(
    made: Workspace, victim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(made, "todos_app/main.py")
    real = files.write

    def write(
        path: Path, content: bytes, mode: int | None = None, root: Path | None = None
    ) -> None:
        if path.name == "main.py":
            shutil.rmtree(made.folder / "todos_app")
            (made.folder / "todos_app").symlink_to(victim)
        real(path, content, mode, root)

    monkeypatch.setattr(files, "write", write)
    before = picture(victim)
    with pytest.raises(LinkRefused):
        recover(made.folder, made.snapshots.objects)
    assert picture(victim) == before


def test_a_folder_named_with_an_app_is_judged_without_its_state(
    made: Workspace, victim: Path
) -> None:
    record(made, "todos_app/main.py")
    (made.folder / ".lab" / "lock").unlink()
    (made.folder / ".lab" / "lock").symlink_to(victim / "grades.csv")
    (made.folder / ".lab" / "state.json").write_text("{")
    before = picture(made.folder), picture(victim)
    found = workspace.find(made.folder, made.folder, "todos_app.main:app")
    assert found.is_read_only
    with found.locked("lab verify") as held:
        assert held.notices == ()
        assert held.journal.append(Kind.HINT, "persist")
        assert held.journal.entries() == ()
    assert (picture(made.folder), picture(victim)) == before


@pytest.mark.parametrize("relative", [False, True], ids=["absolute", "relative"])
def test_a_link_to_a_file_outside_is_refused_and_its_content_stays_outside(
    made: Workspace, victim: Path, tmp_path: Path, relative: bool
) -> None:
    link = made.folder / "todos_app" / "secret.py"
    target = victim / "grades.csv"
    link.symlink_to(os.path.relpath(target, link.parent) if relative else target)
    with pytest.raises(LinkRefused, match="leads out of the folder"):
        made.stage(tmp_path / "stage")
    assert "ada,1.0" not in "".join(p.read_text("latin-1") for p in files_of(tmp_path / "stage"))


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_a_killed_init_left_is_not_looked_for_behind_a_link(
    tmp_path: Path, victim: Path
) -> None:
    (victim / ".lab").mkdir()
    (victim / ".lab" / "snapshots.given").write_text("1\n")
    (tmp_path / ".new.lab-new-1").symlink_to(victim)
    before = picture(victim)
    creation.create(tmp_path / "new")
    assert picture(victim) == before


def test_temporary_files_are_never_written_through_a_link(tmp_path: Path, victim: Path) -> None:
    (tmp_path / ".main.py.lab-tmp").symlink_to(victim / "grades.csv")
    files.write(tmp_path / "main.py", b"new = 1\n")
    assert (victim / "grades.csv").read_text() == "ada,1.0\n"
    assert (tmp_path / "main.py").read_bytes() == b"new = 1\n"
    assert not regular_files.is_link(tmp_path / "main.py")
