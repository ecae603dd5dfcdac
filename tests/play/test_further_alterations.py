"""alter-4 to alter-7: played on a workspace, judged before and after, and nothing lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab import optional_dependencies
from lab.appserver.commands import alembic
from lab.appserver.launchers import Launcher
from lab.course import catalogue
from lab.model import AppFailed, ByHand, EditNotApplicable, NotPossible, Verdict
from lab.play.preconditions import NotAgreed
from lab.scenario import events as e
from lab.verify.verdicts import verify
from lab.workspace import databases
from lab.workspace.workspace import Workspace
from tests.support.play import FIRST, picture, played

pytestmark = pytest.mark.long


def run(id: str, made: Workspace, launcher: Launcher, variant: str | None = None) -> list[e.Event]:
    exercise = catalogue.load().playable(id)
    given = {"ask": lambda _: 0, "confirm": lambda _: True}
    return played(exercise, made, launcher, variant=variant, **given)


def verdict(id: str, made: Workspace, launcher: Launcher) -> Verdict:
    (result,) = verify(made, [id], [], launcher).exercises
    return result.verdict


def titles(made: Workspace) -> int:
    return len(databases.rows(made.folder / "todos.db").rows)


@pytest.mark.parametrize(
    ("id", "before"),
    [
        ("alter-4", Verdict.NOT_STARTED),
        ("alter-5", Verdict.FAILED),
        ("alter-6", Verdict.FAILED),
        ("alter-7", Verdict.FAILED),
    ],
)
def test_the_model_answer_passes_what_the_start_does_not(
    made: Workspace, launcher: Launcher, id: str, before: Verdict
) -> None:
    assert verdict(id, made, launcher) is before
    events = run(id, made, launcher)
    assert not [event for event in events if isinstance(event, e.Unexpected)]
    compared = [event for event in events if isinstance(event, e.Predicted)]
    assert [event.happened is not None for event in compared] == [True]
    assert verdict(id, made, launcher) is Verdict.PASSED
    assert titles(made) == FIRST
    again = run(id, made, launcher)
    assert [event for event in again if isinstance(event, e.NothingToDo)]


def test_where_a_command_fails_it_is_the_command_that_is_shown(
    made: Workspace, launcher: Launcher
) -> None:
    (result,) = verify(made, ["alter-7"], [], launcher).exercises
    for check in result.checks:
        assert check.evidence and check.evidence.curl == "alembic upgrade head"
        assert check.evidence.log and check.actual and check.actual in check.evidence.log


def test_one_after_the_other_all_of_them_fit_together(made: Workspace, launcher: Launcher) -> None:
    for id in ("alter-1", "alter-2", "alter-3", "alter-4", "alter-6"):
        run(id, made, launcher)
    assert verdict("alter-6", made, launcher) is Verdict.PASSED
    assert titles(made) == FIRST


def test_migrations_that_would_not_make_a_table_of_the_models_are_refused(
    made: Workspace, launcher: Launcher
) -> None:
    run("alter-6", made, launcher)
    before = picture(made)
    with pytest.raises(NotPossible, match=r"would lack todos\.user_id, users\.id") as refused:
        run("alter-7", made, launcher)
    assert "lab undo" in refused.value.remedy
    assert picture(made) == before


def test_where_the_answer_does_not_merge_it_is_shown_and_nothing_is_changed(
    made: Workspace, launcher: Launcher
) -> None:
    run("alter-1", made, launcher)
    before = picture(made)
    with pytest.raises(ByHand) as caught:
        run("alter-5", made, launcher)
    assert "+class Todo(Base, table=True):\n" in caught.value.answer
    assert picture(made) == before


def test_what_the_learner_wrote_and_passed_is_played_as_it_is(
    made: Workspace, launcher: Launcher
) -> None:
    models = made.folder / "todos_app" / "models.py"
    run("alter-1", made, launcher)
    models.write_bytes(models.read_bytes().replace(b"column(default=0)", b"column( default=0 )"))
    own = models.read_bytes()
    with pytest.raises(ByHand):
        run("alter-1", made, launcher)
    assert verdict("alter-1", made, launcher) is Verdict.PASSED
    events = run("alter-1", made, launcher)
    assert [event for event in events if isinstance(event, e.NothingToDo)]
    assert models.read_bytes() == own


def test_the_start_takes_put_and_delete_out_and_undo_brings_them_back(
    made: Workspace, launcher: Launcher
) -> None:
    main = made.folder / "todos_app" / "main.py"
    before = main.read_bytes()
    run("alter-4", made, launcher, "start")
    assert b"@app.put" not in main.read_bytes()
    assert verdict("alter-4", made, launcher) is Verdict.FAILED
    with made.locked("test") as held:
        held.undo()
    assert main.read_bytes() == before


def test_put_and_delete_that_the_learner_wrote_after_the_start_are_left_alone(
    made: Workspace, launcher: Launcher
) -> None:
    main = made.folder / "todos_app" / "main.py"
    own = main.read_bytes().replace(b"update_todo", b"my_update")
    run("alter-4", made, launcher, "start")
    main.write_bytes(own)
    assert verdict("alter-4", made, launcher) is Verdict.PASSED
    run("alter-4", made, launcher)
    assert main.read_bytes() == own


def test_the_start_needs_no_agreement_and_the_answer_does(
    made: Workspace, launcher: Launcher
) -> None:
    exercise = catalogue.load().playable("alter-4")
    with pytest.raises(NotAgreed):
        played(exercise, made, launcher)
    played(exercise, made, launcher, variant="start")


def test_alembic_files_of_the_learners_own_are_not_overwritten(
    made: Workspace, launcher: Launcher
) -> None:
    ini = made.folder / "alembic.ini"
    ini.write_text("[alembic]\nscript_location = mine\n", "utf-8")
    with pytest.raises(EditNotApplicable, match=r"alembic\.ini"):
        run("alter-7", made, launcher)
    assert ini.read_text("utf-8") == "[alembic]\nscript_location = mine\n"
    assert not (made.folder / "migrations").exists()


def test_without_the_package_the_exercise_says_what_to_install(
    made: Workspace, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optional_dependencies, "find_spec", lambda name: None)
    with pytest.raises(optional_dependencies.NotInstalled) as caught:
        run("alter-5", made, launcher)
    assert "persistence-lab[sqlmodel]" in caught.value.remedy
    (result,) = verify(made, ["alter-5"], [], launcher).exercises
    assert result.verdict is Verdict.NOT_STARTED
    assert "persistence-lab[sqlmodel]" in (result.note or "")


@pytest.fixture
def under_alembic(tmp_path: Path) -> Path:
    """A folder with an env.py that opens a database whose URL is still to be put in."""
    folder = tmp_path / "app"
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n", "utf-8")
    (folder / "migrations" / "env.py").write_text(
        "import sqlalchemy\nfrom alembic import context\n"
        "with sqlalchemy.create_engine('URL').connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n"
        "        context.run_migrations()\n",
        "utf-8",
    )
    return folder


def at(folder: Path, url: str) -> None:
    env = folder / "migrations" / "env.py"
    env.write_text(env.read_text("utf-8").replace("URL", url), "utf-8")


def test_alembic_runs_in_the_folder_and_tells_which_database_it_opened(
    launcher: Launcher, under_alembic: Path
) -> None:
    at(under_alembic, "sqlite:///todos.db")
    (under_alembic / "alembic").mkdir()
    (under_alembic / "alembic" / "__init__.py").touch()  # it hides nothing, as by hand
    ran = alembic(launcher, under_alembic, ["current"])
    assert ran.ok, ran.output
    assert ran.databases == (under_alembic / "todos.db",)


@pytest.mark.parametrize(
    "url", ["sqlite:///{outside}", "postgresql+psycopg://nobody@127.0.0.1:1/todos"]
)
def test_a_database_that_is_not_the_copys_own_is_never_opened(
    launcher: Launcher, under_alembic: Path, tmp_path: Path, url: str
) -> None:
    if url.startswith("postgresql"):
        pytest.importorskip("psycopg")
    outside = tmp_path / "todos.db"
    at(under_alembic, url.format(outside=outside))
    with pytest.raises(AppFailed, match=r"outside its folder|not lent it"):
        alembic(launcher, under_alembic, ["current"])
    assert not outside.exists()


def test_alembic_that_hangs_is_ended(launcher: Launcher, under_alembic: Path) -> None:
    (under_alembic / "migrations" / "env.py").write_text("while True:\n    pass\n", "utf-8")
    with pytest.raises(AppFailed, match="does not end"):
        alembic(launcher, under_alembic, ["current"], seconds=4.0)


def test_what_alembic_says_of_a_failure_is_its_own_line(
    launcher: Launcher, under_alembic: Path
) -> None:
    shutil.rmtree(under_alembic / "migrations")
    ran = alembic(launcher, under_alembic, ["current"])
    assert not ran.ok
    assert "FAILED" in ran.said
