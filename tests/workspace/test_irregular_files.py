"""What is no regular file, or a boundless one, is neither waited for nor read to its end."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from lab import regular_files
from lab.codemods.sources import read_sources
from lab.course import catalogue
from lab.model import LabError, NotPossible, Unreadable
from lab.quiz import answers
from lab.scenario.explanation import Explanation
from lab.workspace import databases, files, workspace
from lab.workspace.journal import Kind
from lab.workspace.store import capture
from lab.workspace.workspace import Workspace
from tests.support.workspaces import in_child, make_workspace

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that are files")


@pytest.fixture(autouse=True)
def waiting_fails() -> Iterator[None]:
    """Raise where a test waits for ever, here or in a child."""
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 60)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "my-todos")


@pytest.mark.parametrize(
    "name",
    [
        *("lock", "journal.jsonl", "state.json", "redo.json"),
        *("snapshots/0.json", "snapshots.given"),
    ],
)
def test_a_pipe_in_the_place_of_the_labs_own_file_is_told_of(made: Workspace, name: str) -> None:
    place = made.folder / ".lab" / name
    place.unlink(missing_ok=True)
    os.mkfifo(place)

    def work() -> None:
        signal.setitimer(signal.ITIMER_REAL, 20)
        with suppress(LabError), workspace.find(made.folder).locked("lab undo", 0) as held:
            held.snapshots.list()
            held.snapshots.take("by hand")
        with suppress(LabError):
            made.journal.append(Kind.HINT, "persist")

    assert in_child(work) == 0


def test_a_file_that_is_too_large_is_not_read_to_its_end(made: Workspace) -> None:
    journal = made.folder / ".lab" / "journal.jsonl"
    journal.touch()
    os.truncate(journal, regular_files.LARGEST_SOURCE + 1)  # takes no room on the disk
    with pytest.raises(Unreadable, match="larger than the lab reads") as told:
        made.journal.entries()
    assert told.value.remedy == "Move it out of the folder."


def test_a_boundless_database_is_left_alone(made: Workspace, tmp_path: Path) -> None:
    os.truncate(made.folder / "todos.db", databases.LARGEST + 1)
    staged = made.stage(tmp_path / "stage")
    assert staged.notices == ("todos.db is larger than the lab copies: left out.",)
    assert "todos.db" not in capture(made.folder).contents


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_what_lies_beside_a_database_and_is_no_file_is_not_copied(
    made: Workspace, tmp_path: Path, ending: str
) -> None:
    os.mkfifo(made.folder / f"todos.db{ending}")
    databases.copy(made.folder / "todos.db", tmp_path / "copy.db")
    (made.folder / f"todos.db{ending}").unlink()
    (made.folder / f"todos.db{ending}").symlink_to("/dev/zero")
    databases.copy(made.folder / "todos.db", tmp_path / "copy.db")
    assert databases.rows(tmp_path / "copy.db").rows == (("milk",),)


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_where_sqlite_would_wait_for_a_pipe_nothing_is_changed(
    made: Workspace, ending: str
) -> None:
    with closing(sqlite3.connect(made.folder / "todos.db")) as database, database:
        database.execute("DELETE FROM todos")
    main = made.folder / "main.py"
    main.write_text("mine = 1\n", "utf-8")
    os.mkfifo(made.folder / f"todos.db{ending}")
    with pytest.raises(NotPossible, match="is no file"), made.locked("a test") as held:
        held.reset()
    assert main.read_text("utf-8") == "mine = 1\n"


def test_sources_that_are_pipes_or_links_to_nothing_are_no_sources(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("app = 1\n")
    (tmp_path / "same.py").symlink_to("main.py")
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    os.mkfifo(tmp_path / "models.py")
    assert sorted(read_sources(tmp_path)) == ["main.py", "same.py"]


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder of a thousand levels, taken away again: no clean-up of pytest's could."""
    top = tmp_path / "deep"
    top.mkdir()
    for level in range(1000):  # from the inside out: no path is ever a long one
        outer = tmp_path / f"level-{level}"
        outer.mkdir()
        top = top.rename(outer / "d").parent
    yield top
    for level in range(1000):
        inner = (top / "d").rename(tmp_path / f"inner-{level}")
        top.rmdir()
        top = inner


def test_a_folder_of_a_thousand_levels_is_refused_in_words(deep: Path, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="one inside the other"):
        files.walk(deep)
    with pytest.raises(Unreadable, match="one inside the other"):
        Workspace.read_only(deep).stage(tmp_path / "stage")


def test_what_cannot_be_read_of_the_labs_own_state_stops_nothing(made: Workspace) -> None:
    state = made.folder / ".lab"
    nested = "[" * 100_000
    for number in ("9" * 4299, "9" * 5000, nested):
        (state / "snapshots.given").write_text(number)
        assert made.snapshots.notices() == ()
        (state / "snapshots" / "0.json").write_text(number)
        assert any("damaged" in notice for notice in made.snapshots.notices())
        made.snapshots.begin()
        (state / "state.json").write_text(number)
        assert workspace.find(made.folder).notices
        (state / "redo.json").write_text(number)
        with made.locked("lab list") as held:
            assert any("redo.json.damaged" in notice for notice in held.notices)
    late = {"at": "9999-12-31T23:59:59-23:59", "kind": "hint", "exercise": "persist", "data": {}}
    (state / "journal.jsonl").write_text(json.dumps(late))
    assert made.journal.entries()[0].when == late["at"]


def test_surrogates_that_stand_alone_are_kept_in_the_journal_and_replaced_in_the_answers(
    made: Workspace,
) -> None:
    made.journal.append(Kind.ANSWER, "explain-1", said="\ud800 and \udcff")
    assert made.journal.entries()[0].data == {"said": "\ud800 and \udcff"}
    explanation = catalogue.exercise("explain-1")
    assert isinstance(explanation, Explanation)
    answers.add(made.folder, explanation, "an \ud800 ORM")
    assert "an \ufffd ORM" in answers.read(made.folder, explanation)
