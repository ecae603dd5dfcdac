"""Adopted projects whose tables Alembic keeps: a column comes with a migration of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.appserver.commands import alembic
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.course import catalogue, init
from lab.model import ByHand, NotPossible, Verdict
from lab.scenario import events as e
from lab.verify.runner import judge
from lab.workspace import databases
from lab.workspace.workspace import Workspace
from tests.support.play import played
from tests.support.workspaces import execute, picture

pytestmark = pytest.mark.long

STYLE = Path(__file__).parents[1] / "corpus" / "styles" / "alembic_startup"
AT_START = '    command.upgrade(config, "head")\n'
ROW = "INSERT INTO todos VALUES (7, 'from before', 0, '2024-01-01 00:00:00.000000')"


@pytest.fixture
def theirs(tmp_path: Path, launcher: Launcher) -> Path:
    """A project with a database, as its own `alembic upgrade head` has made it, and one todo."""
    folder = tmp_path / "theirs"
    shutil.copytree(STYLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    assert alembic(launcher, folder, ["upgrade", "head"]).ok
    execute(folder / "todos.db", ROW)
    return folder


def adopted(theirs: Path, launcher: Launcher) -> Workspace:
    before = picture(theirs)
    made = init.adopted(theirs, theirs.parent / "mine", "main:app", launcher)
    assert picture(theirs) == before
    return made


def run(made: Workspace, id: str, launcher: Launcher, variant: str | None = None) -> list[e.Event]:
    exercise = catalogue.load().playable(id)
    return played(exercise, made, launcher, variant=variant, confirm=lambda _: True)


def mended(made: Workspace, launcher: Launcher) -> None:
    """Break the model by a new column, and let the lab bring the table up to date."""
    run(made, "break-2", launcher)
    run(made, "fix-2", launcher, "migrate")


def passes(made: Workspace, launcher: Launcher, *ids: str) -> None:
    for result in judge(made, ids, launcher)[1]:
        assert result.verdict is Verdict.PASSED, result


def sources(made: Workspace) -> dict[str, bytes | None]:
    """What the files are, but for the database, which is written anew, and the lab's own."""
    return {
        path: found[1]
        for path, found in picture(made.folder).items()
        if path[:4] != ".lab" and path != "todos.db"
    }


def columns(made: Workspace) -> tuple[str, ...]:
    return databases.columns(made.folder / "todos.db", "todos")


def test_a_new_column_comes_with_a_revision_that_follows_their_last_one(
    theirs: Path, launcher: Launcher
) -> None:
    made = adopted(theirs, launcher)
    mended(made, launcher)
    new = made.folder / "migrations" / "versions" / "0002_add_minutes.py"
    assert 'down_revision = "0001"' in new.read_text("utf-8")
    passes(made, launcher, "fix-2", "persist")
    with Server(made.folder, launcher, made.app) as server:
        server.start()
        todos = server.get("/todos").json
    assert (todos[0]["id"], todos[0]["title"]) == (7, "from before")


def test_the_new_revision_can_be_taken_back_and_made_again(
    theirs: Path, launcher: Launcher
) -> None:
    made = adopted(theirs, launcher)
    mended(made, launcher)
    rows = len(databases.rows(made.folder / "todos.db").rows)
    for arguments, there in (
        (["upgrade", "head"], True),
        (["downgrade", "-1"], False),
        (["upgrade", "head"], True),
    ):
        ran = alembic(launcher, made.folder, arguments)
        assert ran.ok, ran.output
        assert ("minutes" in columns(made)) is there
    assert len(databases.rows(made.folder / "todos.db").rows) == rows


def test_undo_takes_the_revision_back_with_the_rest(theirs: Path, launcher: Launcher) -> None:
    made = adopted(theirs, launcher)
    run(made, "break-2", launcher)
    before, rows = sources(made), databases.rows(made.folder / "todos.db")
    run(made, "fix-2", launcher, "migrate")
    assert sources(made) != before
    with made.locked("lab undo"):
        made.undo()
    assert (sources(made), databases.rows(made.folder / "todos.db")) == (before, rows)


def test_where_they_run_alembic_by_hand_the_lab_does_so_too(
    theirs: Path, launcher: Launcher
) -> None:
    main = theirs / "main.py"
    main.write_text(main.read_text("utf-8").replace(AT_START, ""), "utf-8")
    made = adopted(theirs, launcher)
    mended(made, launcher)
    assert "minutes" in columns(made)
    passes(made, launcher, "fix-2")


def test_settings_that_lie_in_a_folder_below_are_found(theirs: Path, launcher: Launcher) -> None:
    (theirs / "database").mkdir()
    (theirs / "migrations").rename(theirs / "database" / "migrations")
    (theirs / "alembic.ini").rename(theirs / "database" / "alembic.ini")
    main = theirs / "main.py"
    there = 'with_name("alembic.ini")'
    main.write_text(
        main.read_text("utf-8").replace(there, 'with_name("database") / "alembic.ini"'), "utf-8"
    )
    made = adopted(theirs, launcher)
    mended(made, launcher)
    passes(made, launcher, "fix-2")


def test_a_column_that_the_model_alone_has_is_mended_by_a_revision(
    theirs: Path, launcher: Launcher
) -> None:
    made = adopted(theirs, launcher)
    run(made, "break-2", launcher)
    told = run(made, "fix-2", launcher)  # a new file: the migrations make it without the column
    assert "`lab run fix-2 --migrate`" in str(told[-1])
    run(made, "fix-2", launcher, variant="migrate")
    passes(made, launcher, "fix-2", "persist")


def test_an_answer_that_does_not_fit_their_code_is_shown(theirs: Path, launcher: Launcher) -> None:
    made = adopted(theirs, launcher)
    with pytest.raises(ByHand) as shown:
        run(made, "alter-7", launcher)
    assert "todos_app/models.py" in shown.value.answer


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("two heads", "names 2"),
        ("no script", "`alembic heads --verbose` fails"),
        ("a table", "a revision for the table tags of Tag is not there yet"),
    ],
)
def test_what_the_lab_cannot_write_is_refused_before_anything_is_changed(
    theirs: Path, launcher: Launcher, spoil: str, words: str
) -> None:
    versions = theirs / "migrations" / "versions"
    main = theirs / "main.py"
    if spoil == "two heads":
        source = main.read_text("utf-8").replace('"head"', '"heads"')
        main.write_text(source, "utf-8")
        for name in ("left", "right"):
            text = f'revision = "{name}"\ndown_revision = "0001"\ndef upgrade(): pass\n'
            (versions / f"{name}.py").write_text(text)
    if spoil == "no script":  # the app has its settings in its code
        (theirs / "alembic.ini").unlink()
        source = main.read_text("utf-8").replace(
            'Config(Path(__file__).with_name("alembic.ini"))',
            'Config(); config.set_main_option("script_location", "migrations"); '
            'config.set_main_option("sqlalchemy.url", "sqlite:///./todos.db")',
        )
        main.write_text(source, "utf-8")
    if spoil == "a table":
        with (theirs / "models.py").open("a", encoding="utf-8") as models:
            models.write("\n\nclass Tag(Base):\n    __tablename__ = 'tags'\n\n")
            models.write("    id: Mapped[int] = mapped_column(primary_key=True)\n")
    made = adopted(theirs, launcher)
    run(made, "break-2", launcher)
    before = {path: found for path, found in picture(made.folder).items() if path[:4] != ".lab"}
    with pytest.raises(NotPossible, match=words) as refused:
        run(made, "fix-2", launcher, "migrate")
    assert "by hand" in refused.value.remedy or "merge heads" in refused.value.remedy
    after = {path: found for path, found in picture(made.folder).items() if path[:4] != ".lab"}
    assert after == before
