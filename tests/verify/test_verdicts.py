"""Verdicts: what a failure shows, what the journal changes, and what `lab verify` says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.codemods import Patch
from lab.model import Verdict
from lab.play.alterations import edit
from lab.verify import runner, verdicts
from lab.workspace import creation
from lab.workspace.databases import remove
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace

App = Callable[[str], Path]

NO_TODOS = "from fastapi import FastAPI\napp = FastAPI()\n"
BREAKS_ITSELF = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/todos")
def todos():
    return {}["nothing"]
@app.post("/todos", status_code=201)
def make(todo: dict):
    return {"id": 1, "completed": False, **todo}
"""


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return creation.create(tmp_path / "my-todos")


def test_a_failure_says_what_came_and_on_which_line_of_the_learner(
    app: App, launcher: Launcher
) -> None:
    boot, (result,) = runner.judge(Workspace.read_only(app(BREAKS_ITSELF)), ["alter-2"], launcher)
    assert boot.failure is None
    assert result.verdict is Verdict.FAILED
    (check,) = [c for c in result.checks if c.name == "lists_nothing_where_there_is_nothing"]
    assert check.expected and check.actual and check.help
    assert check.evidence and check.evidence.curl and check.evidence.curl.startswith("curl ")


def test_a_fix_is_not_started_until_its_break_was_seen(made: Workspace, launcher: Launcher) -> None:
    report = verdicts.verify(made, ["fix-3"], [], launcher)
    assert [exercise.verdict for exercise in report.exercises] == [Verdict.NOT_STARTED]
    assert report.exit_code == 1
    made.journal.append(Kind.SYMPTOM, "break-3", by="run")
    report = verdicts.verify(made, ["fix-3"], [], launcher)
    assert report.exit_code == 0


def test_a_break_that_this_very_run_sees_starts_its_fix(
    made: Workspace, launcher: Launcher
) -> None:
    # A fresh workspace without a database is what break-1 leaves behind.
    report = verdicts.verify(made, ["break-1", "fix-1"], [], launcher)
    assert [exercise.verdict for exercise in report.exercises] == [Verdict.PASSED] * 2
    assert made.journal.symptom_seen("break-1")


def test_in_the_whole_track_a_break_that_was_seen_stays_passed(
    made: Workspace, launcher: Launcher
) -> None:
    made.journal.append(Kind.SYMPTOM, "break-3", by="run")
    asked = verdicts.verify(made, ["break-3"], [], launcher)
    assert asked.exercises[0].verdict is Verdict.FAILED
    assert "Not broken: `lab run break-3` breaks it" in (asked.exercises[0].note or "")
    whole = verdicts.verify(made, [], ["break-3"], launcher)
    assert whole.exercises[0].verdict is Verdict.PASSED
    assert whole.mastery and not whole.mastered and whole.exit_code == 1


def test_fix_2_notes_whether_the_rows_from_before_were_kept(
    made: Workspace, launcher: Launcher, reference_rows: Callable[[Path], None]
) -> None:
    reference_rows(made.folder)
    made.journal.append(Kind.SYMPTOM, "break-2", by="run", ids=[1, 2])
    kept = verdicts.verify(made, ["fix-2"], [], launcher)
    assert "All 2 rows from before were kept" in (kept.exercises[0].note or "")
    remove(made.folder / "todos.db")
    lost = verdicts.verify(made, ["fix-2"], [], launcher)
    assert "Rows from before that are gone: 2 of 2." in (lost.exercises[0].note or "")
    assert lost.exit_code == 0


@pytest.mark.long
def test_an_old_table_is_left_to_alembic_where_there_is_one(
    made: Workspace, launcher: Launcher, reference_rows: Callable[[Path], None]
) -> None:
    reference_rows(made.folder)
    edit(made.folder, [Patch("alter_1_priority.patch")])
    without = verdicts.verify(made, ["alter-1"], [], launcher).exercises[0].note or ""
    assert "its table lacks priority" in without and "fix-2 --migrate" in without
    (made.folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    under_it = verdicts.verify(made, ["alter-1"], [], launcher).exercises[0].note or ""
    assert "alembic upgrade head" in under_it and "fix-2" not in under_it


@pytest.fixture
def reference_rows(launcher: Launcher) -> Callable[[Path], None]:
    """Serves a folder and makes two todos in its own database."""
    from lab.appserver.server import Server

    def fill(folder: Path) -> None:
        with Server(folder, launcher) as server:
            server.start()
            for title in ("one", "two"):
                server.post("/todos", {"title": title})
            server.stop()

    return fill


def test_a_bare_folder_is_judged_and_nothing_is_written_into_it(app: App) -> None:
    folder = app(NO_TODOS)
    before = sorted(path.name for path in folder.rglob("*"))
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("lab")),
            *("verify", "alter-3", "-w", str(folder), "--app", "main:app", "--json"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["schema"] == 1
    assert document["app"] == "main:app"
    assert document["mastered"] is False
    (exercise,) = document["exercises"]
    assert (exercise["id"], exercise["verdict"]) == ("alter-3", "failed")
    assert {"name", "says", "verdict", "expected", "actual", "help", "evidence"} <= set(
        exercise["checks"][0]
    )
    assert {"curl", "response", "log"} <= set(exercise["checks"][0]["evidence"])
    assert sorted(path.name for path in folder.rglob("*")) == before
