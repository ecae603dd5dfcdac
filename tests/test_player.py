"""The player: what each exercise shows on a real server, and what it leaves in the workspace."""

from __future__ import annotations

import io
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest

from lab import catalogue, opening
from lab.model import AppFailed, EditNotApplicable, NotPossible, UsageError
from lab.play import played
from lab.play.demo import demonstrate
from lab.play.migration import migrate
from lab.play.player import AlreadyBroken, NotAgreed, play
from lab.server.launchers import Launcher
from lab.view import make_console, show, show_all
from lab.workspace import databases, workspace
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace

STYLES = Path(__file__).parent / "corpus" / "styles"
FIRST = len(opening.FIRST_TODOS)
Found = TypeVar("Found")
Player = Callable[..., list[played.Event]]


@pytest.fixture
def made(tmp_path: Path, launcher: Launcher) -> Workspace:
    """A workspace as `lab init` makes it, with a few todos."""
    return opening.created(tmp_path / "my-todos", launcher)


@pytest.fixture
def run(launcher: Launcher) -> Player:
    """Plays an exercise to its end and returns what it has yielded."""

    def run(id: str, made: Workspace, **given: Any) -> list[played.Event]:
        given.setdefault("confirm", lambda question: True)
        return list(play(catalogue.load().playable(id), made, launcher, **given))

    return run


@pytest.fixture
def adopted(tmp_path: Path) -> Callable[[str, str], Workspace]:
    """Makes a workspace of a single-file app."""

    def adopt(source: str, app: str = "main:app") -> Workspace:
        project = tmp_path / "project"
        project.mkdir()
        (project / "main.py").write_text(source, "utf-8")
        return workspace.adopt(project, tmp_path / "adopted", app)

    return adopt


def of(events: list[played.Event], kind: type[Found]) -> list[Found]:
    return [event for event in events if isinstance(event, kind)]


def statuses(events: list[played.Event]) -> list[int]:
    return [event.exchange.status for event in of(events, played.Sent)]


def titles(made: Workspace) -> list[str]:
    rows = databases.rows(made.folder / "todos.db")
    return [row[rows.columns.index("title")] for row in rows.rows]


def picture(made: Workspace) -> dict[str, bytes]:
    return {
        path.relative_to(made.folder).as_posix(): path.read_bytes()
        for path in made.folder.rglob("*")
        if path.is_file() and ".lab" not in path.parts
    }


def spoil(made: Workspace, old: str, new: str) -> None:
    """Put a mistake into the learner's main.py."""
    main = made.folder / "todos_app" / "main.py"
    source = main.read_text("utf-8")
    assert old in source
    main.write_text(source.replace(old, new), "utf-8")


# -- breaks and their fixes ------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_break_shows_its_symptom_and_its_fix_takes_it_away(
    made: Workspace, run: Player, number: int
) -> None:
    broken = run(f"break-{number}", made)
    assert made.journal.symptom_seen(f"break-{number}")
    assert not of(broken, played.Unexpected)
    fixed = run(f"fix-{number}", made)
    assert not of(fixed, played.Unexpected)
    assert of(fixed, played.Kept)
    again = run(f"fix-{number}", made)
    assert "nothing to mend" in of(again, played.NothingToDo)[0].text


@pytest.mark.parametrize("number", [2, 3])
def test_what_is_broken_is_not_broken_again(made: Workspace, run: Player, number: int) -> None:
    run(f"break-{number}", made)
    before = picture(made)
    with pytest.raises(AlreadyBroken) as caught:
        run(f"break-{number}", made)
    assert f"lab run fix-{number}" in caught.value.remedy
    assert "lab undo" in caught.value.remedy
    assert picture(made) == before


def test_undo_takes_a_break_back(made: Workspace, run: Player) -> None:
    before = picture(made)
    run("break-2", made)
    with made.locked("test") as held:
        held.undo()
    assert picture(made)["todos_app/models.py"] == before["todos_app/models.py"]
    assert len(titles(made)) == FIRST


def test_break_1_shows_ghosts_a_500_and_an_empty_list_and_leaves_no_file(
    made: Workspace, run: Player
) -> None:
    before = picture(made)
    events = run("break-1", made)
    assert statuses(events) == [201, 201, 200, 200, 500, 200]
    sent = [event.exchange for event in of(events, played.Sent)]
    assert len(sent[3].json) == FIRST + 2  # the file is deleted already
    assert sent[5].json == []
    assert sent[4].crash
    assert "readonly database" in sent[4].crash.message
    del before["todos.db"]
    assert picture(made) == before


def test_fix_1_brings_the_tables_back_without_a_row(made: Workspace, run: Player) -> None:
    run("break-1", made)
    run("fix-1", made)
    assert titles(made) == []


@pytest.mark.parametrize("earlier", [[], ["alter-1"], ["break-2", "fix-2"]])
def test_break_2_finds_a_column_that_is_new(
    made: Workspace, run: Player, earlier: list[str]
) -> None:
    for id in earlier:
        run(id, made)
    events = run("break-2", made)
    crashes = [event.exchange.crash for event in of(events, played.Sent) if event.exchange.crash]
    assert len(crashes) == 2
    assert "no such column" in crashes[0].message
    assert "has no column named" in crashes[1].message


def test_fix_2_deletes_the_rows_with_the_file(made: Workspace, run: Player) -> None:
    run("break-2", made)
    run("fix-2", made)
    assert titles(made) == []
    # The restart is part of the fix: what is left is a new file, and not a deleted one.
    assert "minutes" in databases.columns(made.folder / "todos.db")


def test_fix_2_by_migration_keeps_the_rows_and_shows_the_sql(made: Workspace, run: Player) -> None:
    run("break-2", made)
    before = titles(made)
    events = run("fix-2", made, way="migrate")
    assert titles(made) == before
    (migrated,) = of(events, played.Migrated)
    assert migrated.sql[0].startswith("ALTER TABLE todos ADD COLUMN minutes")
    assert "NOT NULL" in migrated.sql[0]


def test_a_way_that_an_exercise_does_not_know_is_refused(made: Workspace, run: Player) -> None:
    with pytest.raises(UsageError) as caught:
        run("fix-2", made, way="pray")
    assert "migrate" in caught.value.remedy
    with pytest.raises(UsageError):
        run("fix-1", made, way="migrate")


def test_break_3_counts_one_connection_for_each_request(made: Workspace, run: Player) -> None:
    events = run("break-3", made)
    healthy, leaking = of(events, played.Measured)
    assert set(healthy.out) == {0}
    assert leaking.out == tuple(range(1, 11))
    (crowd,) = of(events, played.Crowded)
    assert crowd.crash
    assert "QueuePool limit" in crowd.crash.message
    assert sum(exchange.status == 500 for exchange in crowd.exchanges) > 15
    after = [event.out for event in of(run("fix-3", made), played.Measured)]
    assert after == [tuple(range(1, 11)), (0,) * 10]


@pytest.mark.parametrize("style", ["flat", "async_"])
def test_breaks_and_fixes_work_on_other_peoples_code(
    tmp_path: Path, run: Player, style: str
) -> None:
    app = "app:app" if style == "flat" else "main:app"
    made = workspace.adopt(STYLES / style, tmp_path / "adopted", app)
    for id in ["break-1", "fix-1", "break-2", "fix-2", "break-3", "fix-3"]:
        assert of(run(id, made, way="migrate" if id == "fix-2" else None), played.Kept), id


def test_an_edit_that_finds_no_place_changes_nothing(tmp_path: Path, run: Player) -> None:
    made = workspace.adopt(STYLES / "no_depends", tmp_path / "adopted", "main:app")
    before = picture(made)
    with pytest.raises(EditNotApplicable):
        run("break-3", made)
    assert picture(made) == before
    assert not made.snapshots.list()[1:]


STURDY = """
from fastapi import FastAPI
from sqlalchemy import NullPool, create_engine, text

app = FastAPI()
engine = create_engine("sqlite:///./todos.db", poolclass=NullPool)

def connect():
    connection = engine.connect()
    connection.execute(text(
        "CREATE TABLE IF NOT EXISTS todos (id INTEGER PRIMARY KEY, title TEXT, completed INTEGER)"
    ))
    return connection

@app.get("/todos")
def list_todos():
    with connect() as db:
        return [dict(row) for row in db.execute(text("SELECT * FROM todos")).mappings()]

@app.post("/todos", status_code=201)
def create_todo(todo: dict):
    with connect() as db:
        made = db.execute(text("INSERT INTO todos (title, completed) VALUES (:title, 0)"), todo)
        db.commit()
        return {"id": made.lastrowid, "title": todo["title"], "completed": False}
"""


def test_an_app_that_does_not_break_is_told_so_and_left_alone(
    adopted: Callable[..., Workspace], run: Player
) -> None:
    made = adopted(STURDY)
    before = picture(made)
    events = run("break-1", made, ask=lambda prediction: 0)
    assert "does not break that way" in of(events, played.Unexpected)[0].text
    assert not made.journal.symptom_seen("break-1")
    assert picture(made) == before
    (compared,) = of(events, played.Compared)
    assert compared.right  # 201 is what this app answers


def test_an_app_that_does_not_start_changes_nothing(made: Workspace, run: Player) -> None:
    (made.folder / "todos_app" / "models.py").write_text("class Todo(:\n", "utf-8")
    before = picture(made)
    for id in ("persist", "break-1", "fix-2"):
        with pytest.raises(AppFailed, match=r"todos_app/models\.py:1"):
            run(id, made)
    assert picture(made) == before


def test_a_fix_that_does_not_help_is_told_and_not_kept(made: Workspace, run: Player) -> None:
    run("break-3", made)
    select = "db.scalars(select(Todo).order_by(Todo.id)).all()"
    spoil(made, f"return {select}", f"raise ZeroDivisionError({select})")
    before = picture(made)
    events = run("fix-3", made)
    assert "still fails" in of(events, played.Unexpected)[0].text
    assert picture(made) == before


def test_a_fix_says_what_else_is_wrong(made: Workspace, run: Player) -> None:
    spoil(made, "return db.scalars(", "1 / 0\n    return db.scalars(")
    (said,) = of(run("fix-3", made), played.NothingToDo)
    assert said.text.startswith("Something else is wrong")
    assert "division by zero" in said.text


# -- persist and the alterations -------------------------------------------------------------


def test_persist_only_reads_the_workspace(made: Workspace, run: Player) -> None:
    before = picture(made)
    events = run("persist", made)
    assert any("2 of 2 new todos" in event.text for event in of(events, played.Said))
    assert picture(made) == before


def test_persist_can_be_shown_on_a_folder_that_is_no_workspace(
    made: Workspace, tmp_path: Path, run: Player
) -> None:
    bare = Workspace.bare(STYLES / "flat", "app:app")
    assert statuses(run("persist", bare)) == [201, 200, 201, 200]
    with pytest.raises(NotPossible, match="no workspace"):
        run("break-1", bare)


def test_alter_1_keeps_the_rows_and_leaves_none_of_its_own(made: Workspace, run: Player) -> None:
    before = titles(made)
    events = run("alter-1", made)
    assert titles(made) == before
    rows = databases.rows(made.folder / "todos.db")
    assert {row[rows.columns.index("priority")] for row in rows.rows} == {0}
    assert [event.exchange.json.get("priority") for event in of(events, played.Sent)[3:4]] == [5]


@pytest.mark.parametrize("id", ["alter-1", "alter-2", "alter-3"])
def test_an_alteration_is_made_once_and_marked_as_assisted(
    made: Workspace, run: Player, id: str
) -> None:
    events = run(id, made)
    assert not of(events, played.Unexpected)
    assert of(events, played.Changed)[0].diff
    assert made.journal.assisted(id)
    assert len(titles(made)) == FIRST
    before = picture(made)
    again = run(id, made)
    assert of(again, played.NothingToDo)
    assert of(again, played.Sent)
    assert not of(again, played.Kept)
    assert picture(made) == before


def test_the_lab_does_not_do_untried_work_without_agreement(made: Workspace, run: Player) -> None:
    before = picture(made)
    with pytest.raises(NotAgreed) as caught:
        run("alter-2", made, confirm=None)
    assert caught.value.exit_code == 1
    assert "--yes" in caught.value.remedy
    events = run("alter-2", made, confirm=lambda question: False)
    assert of(events, played.NothingToDo)
    assert picture(made) == before
    assert not made.journal.assisted("alter-2")


def test_who_has_tried_is_not_asked(made: Workspace, run: Player) -> None:
    made.journal.append(Kind.VERDICT, "alter-2", verdict="failed")
    assert of(run("alter-2", made, confirm=None), played.Kept)


# -- predictions -----------------------------------------------------------------------------


@pytest.mark.parametrize("id", ["persist", "alter-1", "alter-2", "alter-3", "break-1", "break-2"])
def test_exactly_what_happened_is_compared_with_the_prediction(
    made: Workspace, run: Player, id: str
) -> None:
    events = run(id, made, ask=lambda prediction: 0)
    (compared,) = of(events, played.Compared)
    assert compared.happened is not None
    (entry,) = made.journal.entries(Kind.PREDICTION, id)
    assert entry.data["predicted"] == compared.choices[0]
    assert entry.data["happened"] == compared.choices[compared.happened]
    assert entry.data["right"] is compared.right


def test_who_does_not_predict_still_hears_what_came_true(made: Workspace, run: Player) -> None:
    (compared,) = of(run("alter-3", made, ask=lambda prediction: None), played.Compared)
    assert not compared.right
    assert made.journal.entries(Kind.PREDICTION) == ()


def test_without_anybody_to_ask_nothing_is_compared(made: Workspace, run: Player) -> None:
    assert not of(run("alter-3", made), played.Compared)


# -- safety ----------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from lab import catalogue
from lab.play import played
from lab.server.launchers import choose
from lab.play.player import play
from lab.workspace.workspace import Workspace

made = Workspace.open(Path(sys.argv[1]))
for event in play(catalogue.load().playable("break-2"), made, choose()):
    print(type(event).__name__, flush=True)
    if type(event).__name__ == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("moment", ["Started", "Changed", "Drifted"])
def test_a_kill_in_the_middle_leaves_the_workspace_as_it_was(
    made: Workspace, run: Player, moment: str
) -> None:
    before = picture(made)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(made.folder), moment], capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert picture(made) == before
    assert of(run("break-2", made), played.Kept)


def test_a_play_that_is_given_up_changes_nothing(made: Workspace, launcher: Launcher) -> None:
    before = picture(made)
    events = play(catalogue.load().playable("break-2"), made, launcher)
    while not isinstance(next(events), played.Changed):
        pass
    events.close()  # type: ignore[attr-defined]
    assert picture(made) == before


def test_what_the_learner_saves_meanwhile_is_not_overwritten(
    made: Workspace, launcher: Launcher
) -> None:
    models = made.folder / "todos_app" / "models.py"
    with pytest.raises(NotPossible):
        for event in play(catalogue.load().playable("break-2"), made, launcher):
            if isinstance(event, played.Changed):
                models.write_text(models.read_text("utf-8") + "# mine\n", "utf-8")
    assert models.read_text("utf-8").endswith("# mine\n")
    assert not made.journal.symptom_seen("break-2")


# -- demos and the view ----------------------------------------------------------------------


def test_todos_in_a_list_are_lost_and_todos_in_a_database_are_not(launcher: Launcher) -> None:
    lost = list(demonstrate(catalogue.load().showing("memory"), launcher))
    assert any(event.text.startswith("0 of the 2") for event in of(lost, played.Said))
    kept = list(demonstrate(catalogue.load().showing("persistence"), launcher))
    (burst,) = of(kept, played.Burst)
    made = 3 + len(burst.exchanges)
    assert any(event.text.startswith(f"{made} of the {made}") for event in of(kept, played.Said))


def test_a_demo_shows_the_full_circle_and_speaks_of_no_workspace(launcher: Launcher) -> None:
    events = list(demonstrate(catalogue.load().showing("break-2"), launcher))
    assert not of(events, played.Kept)
    assert statuses(events)[-1] == 201


def test_everything_is_shown_in_80_columns_in_words_and_without_colour(
    made: Workspace, run: Player
) -> None:
    out = io.StringIO()
    screen = make_console(file=out, width=80)
    for id in ("break-2", "fix-2", "break-3", "fix-3"):
        for event in run(id, made, ask=lambda prediction: 0):
            show(event, screen)
            json.dumps(played.as_json(event), default=str)
    text = out.getvalue()
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    for words in (
        "500 Internal Server Error",
        "no such column: todos.minutes",
        "your line: todos_app/main.py:",
        "+    minutes: Mapped[int]",
        "QueuePool limit of size 5 overflow 10",
        "lab verify fix-2",
        "You said:",
    ):
        assert words in text, words


def test_a_command_that_is_shown_can_be_pasted(made: Workspace, run: Player) -> None:
    out = io.StringIO()
    show_all(run("alter-2", made), make_console(file=out, width=80))
    lines = out.getvalue().splitlines()
    first = next(n for n, line in enumerate(lines) if "-X POST" in line and "\\" in line)
    assert lines[first].endswith(" \\")
    command = "\n".join(lines[first : first + 2]).replace("$ curl", "printf '%s|'", 1)
    pasted = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert pasted.stdout.split("|")[-2] == '{"title": "Buy milk"}'


def test_a_play_can_be_exported_as_a_picture(made: Workspace, run: Player) -> None:
    screen = make_console(file=io.StringIO(), record=True, width=80)
    show_all(run("break-2", made), screen)
    assert "no&#160;such" in screen.export_svg(title="lab run break-2")


# -- migration -------------------------------------------------------------------------------


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
