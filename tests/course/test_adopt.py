"""Projects that were there before the lab: adopted whatever their layout, and never touched."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.course import catalogue, init
from lab.model import AppFailed, LabError, Verdict
from lab.verify.runner import judge
from lab.workspace import databases
from lab.workspace.workspace import Workspace
from tests.support.commands import Shell, contents
from tests.support.play import played
from tests.support.workspaces import picture

pytestmark = pytest.mark.long

STYLES = Path(__file__).parents[1] / "corpus" / "styles"
SINGLE = (STYLES / "single" / "main.py").read_text("utf-8")


def project(folder: Path, style: str = "flat", inside: str = ".") -> Path:
    """A foreign project of this style, whose app lies in the folder `inside` it."""
    shutil.copytree(STYLES / style, folder / inside, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize(
    ("inside", "app", "found"),
    [
        (".", None, "app:app"),
        (".", "app:app", "app:app"),
        ("src", None, "app:app"),
        ("backend", None, "app:app"),
    ],
)
def test_an_app_is_found_where_people_put_it(
    tmp_path: Path, launcher: Launcher, inside: str, app: str | None, found: str
) -> None:
    source = project(tmp_path / "theirs", inside=inside)
    before = picture(source)
    made = init.adopted(source, tmp_path / "mine", app, launcher)
    assert made.app is not None and made.app.endswith(found)
    assert picture(source) == before
    _, [result] = judge(made, ["persist"], launcher)
    assert result.verdict is Verdict.PASSED, result


def test_an_app_in_a_package_is_found(tmp_path: Path, launcher: Launcher) -> None:
    source = project(tmp_path / "theirs", "routers")
    made = init.adopted(source, tmp_path / "mine", None, launcher)
    assert made.app == "app.main:app"


def test_an_app_in_a_package_under_src_is_found(tmp_path: Path, launcher: Launcher) -> None:
    source = project(tmp_path / "theirs", "import_tables", inside="src")
    made = init.adopted(source, tmp_path / "mine", None, launcher)
    assert made.app == "todos.main:app"
    named = init.adopted(source, tmp_path / "named", "todos.main:app", launcher)
    for workspace in (made, named):
        _, [result] = judge(workspace, ["persist"], launcher)
        assert result.verdict is Verdict.PASSED, result


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (("backend/app/main.py", "backend/app/__init__.py"), "app.main:app"),
        (("services/todos/main.py",), "todos.main:app"),
        (("todos/__init__.py", "todos/web/__init__.py", "todos/web/http.py"), "todos.web.http:app"),
    ],
)
def test_an_app_is_found_deep_below_and_under_another_name(
    tmp_path: Path, launcher: Launcher, files: tuple[str, ...], found: str
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("" if "__init__" in name else SINGLE, "utf-8")
    (tmp_path / "main.py").write_text("if __name__ == '__main__':\n    import todos\n", "utf-8")
    report, [result] = judge(Workspace.read_only(tmp_path, None), ["persist"], launcher)
    assert result.verdict is Verdict.PASSED, result
    assert report.app == found


def test_a_factory_is_found(tmp_path: Path, launcher: Launcher) -> None:
    made = "\n    ".join(("def create_app():", "import single", "return single.app\n"))
    (tmp_path / "main.py").write_text(made, "utf-8")
    (tmp_path / "single.py").write_text(SINGLE, "utf-8")
    _, [result] = judge(Workspace.read_only(tmp_path, None), ["persist"], launcher)
    assert result.verdict is Verdict.PASSED, result


def test_what_lies_around_in_a_project_is_in_nobodys_way(
    tmp_path: Path, launcher: Launcher
) -> None:
    source = project(tmp_path / "theirs")
    (source / ".git").mkdir()
    (source / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (source / "env" / "lib").mkdir(parents=True)
    (source / "env" / "pyvenv.cfg").touch()
    (source / "env" / "lib" / "main.py").write_text("raise SystemExit('not mine')\n")
    (source / "node_modules").mkdir()
    (source / "node_modules" / "app.py").write_text("raise SystemExit('not mine')\n")
    (source / "dangling").symlink_to(tmp_path / "nowhere")
    with (source / "huge.bin").open("wb") as huge:
        huge.truncate(300_000_000)
    before = {path: value[0] for path, value in picture(source).items() if path != "huge.bin"}
    made = init.adopted(source, tmp_path / "mine", None, launcher)
    after = {path: value[0] for path, value in picture(source).items() if path != "huge.bin"}
    assert after == before
    assert (source / "dangling").is_symlink()
    assert not (made.folder / ".git").exists() and not (made.folder / "env").exists()
    assert any("huge.bin" in notice for notice in made.notices)


def test_a_live_database_is_adopted_as_of_its_last_commit(
    tmp_path: Path, launcher: Launcher
) -> None:
    source = tmp_path / "theirs"
    source.mkdir()
    (source / "main.py").write_text(SINGLE, "utf-8")
    with closing(sqlite3.connect(source / "todos.db", isolation_level=None)) as theirs:
        theirs.execute("PRAGMA journal_mode=wal")
        theirs.execute(
            "CREATE TABLE todo (id INTEGER PRIMARY KEY, title VARCHAR NOT NULL, "
            "completed BOOLEAN NOT NULL, created_at DATETIME NOT NULL)"
        )
        theirs.execute("INSERT INTO todo VALUES (7, 'committed', 0, '2024-01-01 00:00:00')")
        theirs.execute("BEGIN")
        theirs.execute("INSERT INTO todo VALUES (8, 'not yet', 0, '2024-01-01 00:00:00')")
        before = {path.name: path.read_bytes() for path in source.iterdir()}
        made = init.adopted(source, tmp_path / "mine", None, launcher)
        after = {path.name: path.read_bytes() for path in source.iterdir() if path.is_file()}
        theirs.execute("ROLLBACK")
    # The shared memory holds the locks of those who read; all else stays byte for byte.
    for name in ("main.py", "todos.db", "todos.db-wal"):
        assert after[name] == before[name]
    assert [row[1] for row in databases.rows(made.folder / "todos.db", "todo").rows] == [
        "committed"
    ]


def test_a_project_whose_app_does_not_start_is_told_and_nothing_is_made(
    tmp_path: Path, launcher: Launcher
) -> None:
    source = project(tmp_path / "theirs")
    with (source / "models.py").open("a") as models:
        models.write("\nimport nothere\n")
    with pytest.raises(AppFailed, match=r"models\.py"):
        init.adopted(source, tmp_path / "mine", None, launcher)
    assert not (tmp_path / "mine").exists()


def test_a_folder_without_a_workspace_is_judged_and_nothing_is_written(
    tmp_path: Path, launcher: Launcher
) -> None:
    source = project(tmp_path / "theirs")
    before = picture(source)
    for app in ("app:app", None):
        _, results = judge(Workspace.read_only(source, app), ["persist", "fix-3"], launcher)
        assert [result.verdict for result in results] == [Verdict.PASSED] * 2
    assert picture(source) == before
    assert sorted(path.name for path in source.iterdir()) == sorted(
        path.name for path in (STYLES / "flat").iterdir() if path.name != "__pycache__"
    )


def test_a_project_whose_todos_are_not_to_be_found_is_told_so_and_not_that_it_is_broken(
    tmp_path: Path,
) -> None:
    source = project(tmp_path / "theirs", "routers")
    main = source / "app" / "main.py"
    # In two versions, and nobody knows which is meant.
    included = "(todos.router, prefix='/v1')\napp.include_router(todos.router, prefix='/v2')"
    main.write_text(main.read_text().replace("(todos.router)", included))
    original = picture(source)
    shell = Shell(tmp_path)
    made = shell.lab("init", "mine", "--from", source, "--app", "app.main:app")
    made.said("/v1/todos and /v2/todos", "--todos")
    assert made.code == 0
    mine = tmp_path / "mine"
    start = own(mine)
    for id in ("break-2", "fix-2"):
        ended = shell.lab("run", id, "--yes", "--no-predict", "-w", mine)
        ended.said("GET /todos answers 404", "--todos")
        assert ended.code == 1
        assert "broken already" not in ended.out + ended.err
        assert own(mine) == start
    assert picture(source) == original


# They keep no todos, or not in their folder: what a break would do to them is so already.
KEEP_NONE = {
    *("public_drop_all", "public_in_memory", "public_list_cache", "public_no_commit"),
    *("public_put_not_committed", "public_temp_folder"),
}
STYLED = sorted(path.name for path in STYLES.iterdir() if path.is_dir() and path.name[0] != "_")
NAMES = [name for name in STYLED if name not in KEEP_NONE]


@pytest.mark.parametrize("style", NAMES)
def test_what_is_adopted_is_played_or_refused_with_a_remedy_and_the_original_stays(
    tmp_path: Path, style: str
) -> None:
    source = project(tmp_path / "theirs", style)
    original = picture(source)
    shell = Shell(tmp_path)
    # What a function makes is no app that could be found.
    named = ["--app", "api:create_app"] if style == "factory" else []
    assert shell.lab("init", "mine", "--from", source, *named).code == 0
    mine = tmp_path / "mine"
    start = own(mine)
    for id in ("alter-1", "break-2", "break-3"):
        ended = shell.lab("run", id, "--yes", "--no-predict", "-w", mine)
        assert ended.code in (0, 1), ended
        assert "Traceback" not in ended.out + ended.err
        assert (own(mine) == start) is (ended.code == 1), ended
        if ended.code == 0:
            assert shell.lab("undo", "-w", mine).code == 0
            assert own(mine) == start
    assert picture(source) == original
    assert shell.left() == []


def own(folder: Path) -> dict[str, str]:
    """The files of a workspace that are the learner's."""
    return {path: found for path, found in contents(folder).items() if path[:4] != ".lab"}


@pytest.mark.parametrize("style", NAMES)
def test_a_scenario_works_on_a_foreign_style_or_changes_nothing(
    tmp_path: Path, launcher: Launcher, style: str
) -> None:
    source = project(tmp_path / "theirs", style)
    made = init.adopted(source, tmp_path / "mine", None, launcher)
    for number in (1, 2, 3):
        if _played(made, f"alter-{number}", launcher):
            _, [result] = judge(made, [f"alter-{number}"], launcher)
            assert result.verdict is Verdict.PASSED, result
    for number in (1, 2, 3):
        if not _played(made, f"break-{number}", launcher):
            continue
        if number != 1:  # to mend the first, a restart will do
            _, [result] = judge(made, [f"fix-{number}"], launcher)
            assert result.verdict is Verdict.FAILED, result
        # Where migrations make the tables, a new file lacks the column as the old one did.
        needs_migration = (style, number) == ("alembic_startup", 2)
        assert _played(made, f"fix-{number}", launcher) is not needs_migration
        if needs_migration:
            assert _played(made, "fix-2", launcher, variant="migrate")
        _, [result] = judge(made, [f"fix-{number}"], launcher)
        assert result.verdict is Verdict.PASSED, result


def _played(made: Workspace, id: str, launcher: Launcher, variant: str | None = None) -> bool:
    """Whether the lab played it to its end and kept it; where not, nothing must have changed."""
    before = {p: v for p, v in picture(made.folder).items() if not p.startswith(".lab")}
    exercise = catalogue.load().playable(id)
    try:
        events = played(exercise, made, launcher, variant=variant, confirm=lambda _: True)
    except LabError as error:
        assert error.exit_code == 1 and error.remedy
        events = []
    kept = any(type(event).__name__ == "Kept" for event in events)
    if not kept:
        after = {p: v for p, v in picture(made.folder).items() if not p.startswith(".lab")}
        assert after == before
    return kept
