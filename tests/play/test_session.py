"""The player: what a break and its fix show on a real server, and what they leave."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.course import catalogue, progress
from lab.model import AppFailed, ByHand, EditNotApplicable, UsageError
from lab.play.preconditions import AlreadyBroken
from lab.play.session import play
from lab.scenario import Prediction
from lab.scenario import events as e
from lab.verify.verdicts import verify
from lab.workspace import creation, databases
from lab.workspace.workspace import Workspace
from tests.support.play import FIRST, STYLES, Player, of, picture, spoil, statuses, titles
from tests.support.terminal import add_priority


@pytest.fixture
def adopted(tmp_path: Path) -> Callable[[str, str], Workspace]:
    """Makes a workspace of a single-file app."""

    def adopt(source: str, app: str = "main:app") -> Workspace:
        project = tmp_path / "project"
        project.mkdir()
        (project / "main.py").write_text(source, "utf-8")
        return creation.adopt(project, tmp_path / "adopted", app)

    return adopt


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_break_shows_its_symptom_and_its_fix_takes_it_away(
    made: Workspace, run: Player, number: int
) -> None:
    broken = run(f"break-{number}", made)
    assert made.journal.symptom_seen(f"break-{number}")
    assert not of(broken, e.Unexpected)
    fixed = run(f"fix-{number}", made)
    assert not of(fixed, e.Unexpected)
    assert of(fixed, e.Kept)
    again = run(f"fix-{number}", made)
    assert "nothing to mend" in of(again, e.NothingToDo)[0].text


@pytest.mark.long
@pytest.mark.parametrize("number", [2, 3])
def test_what_is_broken_is_not_broken_again(made: Workspace, run: Player, number: int) -> None:
    run(f"break-{number}", made)
    before = picture(made)
    with pytest.raises(AlreadyBroken) as caught:
        run(f"break-{number}", made)
    assert f"lab run fix-{number}" in caught.value.remedy
    assert "lab undo" in caught.value.remedy
    assert picture(made) == before


def test_what_else_is_wrong_is_not_said_to_be_the_last_break(made: Workspace, run: Player) -> None:
    run("break-2", made)
    with made.locked("test") as held:
        held.undo()
    main = made.folder / "todos_app" / "main.py"
    main.write_text(main.read_text("utf-8").replace("return db.scalars(", "1 / 0\n    ("), "utf-8")
    with pytest.raises(AlreadyBroken, match="division by zero") as caught:
        run("break-1", made)
    assert "if it is break-2 still, `lab run fix-2` does" in caught.value.remedy


@pytest.mark.parametrize("variant", [None, "migrate"])
def test_a_database_from_before_alter_1_is_said_to_be_that_and_mended_without_break_2(
    made: Workspace, run: Player, launcher: Launcher, variant: str | None
) -> None:
    add_priority(made)
    with pytest.raises(AlreadyBroken, match="from before a change of your code") as caught:
        run("break-1", made)
    assert "lab run fix-2 --migrate" in caught.value.remedy
    assert "lab undo" not in caught.value.remedy  # there is nothing that it could take back
    verify(made, [], ["break-1", "break-2", "fix-2"], launcher)
    events = run("fix-2", made, variant=variant)
    assert "break-2 and its fix are still yours to do" in of(events, e.Next)[0].text
    for id in ("break-1", "break-2", "fix-2"):
        assert progress.place(made, id).state is progress.State.NOT_STARTED
    assert not made.journal.assisted("fix-2")
    assert of(run("break-2", made), e.Kept)
    assert progress.place(made, "break-2").state is progress.State.SEEN


def test_a_database_that_was_deleted_by_hand_is_mended_without_break_1(
    made: Workspace, run: Player
) -> None:
    databases.remove(made.folder / "todos.db")
    assert of(run("fix-1", made), e.Kept)
    assert progress.place(made, "break-1").state is progress.State.NOT_STARTED


def test_what_the_learner_wrote_is_played_without_being_the_labs_work(
    made: Workspace, run: Player, launcher: Launcher
) -> None:
    add_priority(made)
    verify(made, ["alter-1"], [], launcher)
    assert of(run("alter-1", made), e.DatabaseMigrated)
    assert progress.place(made, "alter-1").state is progress.State.PASSED


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
    sent = [event.exchange for event in of(events, e.Requested)]
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
    assert not made.journal.assisted("fix-1")  # a restart is nobody's answer


@pytest.mark.parametrize("earlier", [[], ["alter-1"], ["break-2", "fix-2"]])
def test_break_2_finds_a_column_that_is_new(
    made: Workspace, run: Player, earlier: list[str]
) -> None:
    for id in earlier:
        run(id, made)
    events = run("break-2", made)
    crashes = [event.exchange.crash for event in of(events, e.Requested) if event.exchange.crash]
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
    events = run("fix-2", made, variant="migrate")
    assert titles(made) == before
    (migrated,) = of(events, e.DatabaseMigrated)
    assert migrated.sql[0].startswith("ALTER TABLE todos ADD COLUMN minutes")
    assert "NOT NULL" in migrated.sql[0]


def test_a_way_that_an_exercise_does_not_know_is_refused(made: Workspace, run: Player) -> None:
    with pytest.raises(UsageError) as caught:
        run("fix-2", made, variant="pray")
    assert "migrate" in caught.value.remedy
    with pytest.raises(UsageError):
        run("fix-1", made, variant="migrate")


def test_break_3_counts_one_connection_for_each_request(made: Workspace, run: Player) -> None:
    events = run("break-3", made)
    healthy, leaking = of(events, e.ConnectionsCounted)
    assert set(healthy.out) == {0}
    assert leaking.out == tuple(range(1, 11))
    (crowd,) = of(events, e.RequestedAtOnce)
    assert crowd.crash
    assert "QueuePool limit" in crowd.crash.message
    assert sum(exchange.status == 500 for exchange in crowd.exchanges) > 15
    after = [event.out for event in of(run("fix-3", made), e.ConnectionsCounted)]
    assert after == [tuple(range(1, 11)), (0,) * 10]


@pytest.mark.long
@pytest.mark.parametrize("style", ["flat", "async_"])
def test_breaks_and_fixes_work_on_other_peoples_code(
    tmp_path: Path, run: Player, style: str
) -> None:
    app = "app:app" if style == "flat" else "main:app"
    made = creation.adopt(STYLES / style, tmp_path / "adopted", app)
    for id in ["break-1", "fix-1", "break-2", "fix-2", "break-3", "fix-3"]:
        assert of(run(id, made, variant="migrate" if id == "fix-2" else None), e.Kept), id


def test_an_edit_that_finds_no_place_changes_nothing(tmp_path: Path, run: Player) -> None:
    made = creation.adopt(STYLES / "no_depends", tmp_path / "adopted", "main:app")
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
    assert "does not break that way" in of(events, e.Unexpected)[0].text
    assert not made.journal.symptom_seen("break-1")
    assert picture(made) == before
    (compared,) = of(events, e.Predicted)
    assert compared.right  # 201 is what this app answers


def test_an_app_that_does_not_start_changes_nothing(made: Workspace, run: Player) -> None:
    (made.folder / "todos_app" / "models.py").write_text("class Todo(:\n", "utf-8")
    before = picture(made)
    for id in ("persist", "break-1", "fix-2"):
        with pytest.raises(AppFailed, match=r"todos_app/models\.py:1"):
            run(id, made)
    assert picture(made) == before


@pytest.mark.long
def test_a_fix_that_does_not_help_is_told_and_not_kept(made: Workspace, run: Player) -> None:
    run("break-3", made)
    select = "db.scalars(select(Todo).order_by(Todo.id)).all()"
    spoil(made, f"return {select}", f"raise ZeroDivisionError({select})")
    before = picture(made)
    events = run("fix-3", made)
    assert "still fails" in of(events, e.Unexpected)[0].text
    assert picture(made) == before


def test_a_fix_says_what_else_is_wrong(made: Workspace, run: Player) -> None:
    spoil(made, "return db.scalars(", "1 / 0\n    return db.scalars(")
    (said,) = of(run("fix-3", made), e.NothingToDo)
    assert said.text.startswith("Something else is wrong")
    assert "division by zero" in said.text


def test_what_it_is_about_is_said_before_anything_is_asked(
    made: Workspace, launcher: Launcher
) -> None:
    told: list[e.Event] = []

    def ask(prediction: Prediction) -> None:
        exercise = catalogue.load().playable("persist")
        assert told[0] == e.Chapter(f"persist: {exercise.title}")
        assert told[1] == e.Said(exercise.task)
        asked.append(prediction.question)

    asked: list[str] = []
    play(catalogue.load().playable("persist"), made, launcher, told.append, ask=ask)
    assert len(asked) == 1


def test_nobody_is_asked_about_a_change_that_the_lab_cannot_make(
    tmp_path: Path, run: Player
) -> None:
    made = creation.adopt(STYLES / "no_depends", tmp_path / "adopted", "main:app")
    for id in ("break-3", "break-5", "break-6"):
        asked: list[object] = []
        with pytest.raises(EditNotApplicable):
            run(id, made, ask=asked.append)
        assert not asked, id


def test_an_answer_that_does_not_fit_is_shown_to_who_agrees_and_changes_nothing(
    adopted: Callable[..., Workspace], run: Player
) -> None:
    made = adopted(STURDY)
    before = picture(made)
    with pytest.raises(ByHand) as shown:
        run("alter-1", made, confirm=lambda question: True)
    assert "priority" in shown.value.answer
    assert picture(made) == before
