"""Any todo API: what a task leaves open is open in every check, and blame has been seen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.course import init
from lab.model import ExerciseResult, Verdict
from lab.scenario.observations import Seen
from lab.verify.checks import of_exercise
from lab.verify.runner import judge
from lab.verify.todos import Todos
from lab.verify.verdicts import Report
from lab.workspace.workspace import Workspace
from tests.corpus import CORPUS
from tests.support.play import STYLES, Player

WRITERS = ("fix-2", "fix-4", "fix-5", "fix-9", "fix-11", "fix-12", "fix-13", "alter-4")


BY_HAND = """
from fastapi import FastAPI
from sqlalchemy import create_engine, text

engine = create_engine("sqlite:///./todos.db")
app = FastAPI()

@app.get("/todos")
def list_todos():
    with engine.connect() as connection:
        return connection.execute(text("SELECT * FROM todos")).fetchall()

@app.post("/todos", status_code=201)
def create_todo(body: dict):
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO todos (title) VALUES (:title)"), body)
    return body
"""


def judged(
    launcher: Launcher, folder: Path, of: tuple[str, str], *exercises: str
) -> list[ExerciseResult]:
    """Judge a solution of the corpus as a read-only folder, by its own exercise or by these."""
    app = CORPUS.build(CORPUS.find(*of), folder)
    return judge(Workspace.read_only(folder, app), exercises or of[:1], launcher)[1]


def said(result: ExerciseResult) -> str:
    """All that the lab says of the checks that have failed, and of what others have seen."""
    return "\n".join(f"{check.actual} {check.help}" for check in result.checks if check.actual)


@pytest.mark.long
def test_titles_are_written_as_the_api_likes(launcher: Launcher, tmp_path: Path) -> None:
    results = judged(launcher, tmp_path, ("persist", "titles_in_capitals"), *WRITERS)
    assert [said(result) for result in results if result.verdict is not Verdict.PASSED] == []


TWO = """
from fastapi import FastAPI
from pydantic import BaseModel
import single

class Chore(BaseModel):
    title: str
    completed: bool = False

app = FastAPI()
app.include_router(single.app.router, prefix="/b")

@app.get("/a/todos", response_model=list[Chore])
def chores():
    return []

@app.post("/a/todos", response_model=Chore)
def chore(body: Chore):
    return body
"""


def test_two_that_could_be_meant_are_said_and_one_can_be_named(
    launcher: Launcher, tmp_path: Path
) -> None:
    (tmp_path / "single.py").write_text((STYLES / "single" / "main.py").read_text("utf-8"))
    (tmp_path / "main.py").write_text(TWO)
    folder = Workspace.read_only(tmp_path, "main:app")
    _, (result,) = judge(folder, ["persist"], launcher)
    assert result.verdict is Verdict.NOT_APPLICABLE
    assert "/a/todos" in said(result) and "/b/todos" in said(result)
    _, (named,) = judge(folder.with_todos("/b/todos"), ["persist"], launcher)
    assert named.verdict is Verdict.PASSED


def test_a_login_that_nobody_can_have_is_named(launcher: Launcher, tmp_path: Path) -> None:
    (result,) = judged(launcher, tmp_path, ("persist", "login_first"))
    assert "wants a login first (OAuth2PasswordBearer)" in said(result)
    report = Report("main:app", (result,), 0.0)
    assert report.exit_code == 0


def test_what_keeps_a_user_from_being_registered_is_said(
    launcher: Launcher, tmp_path: Path
) -> None:
    app = CORPUS.build(CORPUS.find("persist", "public_jwt_json_login"), tmp_path)
    main = tmp_path / "main.py"
    user, broken = "    user = User(", "    user = User(salt=b'', "
    main.write_text(main.read_text("utf-8").replace(user, broken), "utf-8")
    _, (result,) = judge(Workspace.read_only(tmp_path, app), ["persist"], launcher)
    assert "POST /auth/register answered 500: TypeError: 'salt' is an invalid" in said(result)
    assert "POST /auth/login answered 401" in said(result)


@pytest.mark.long
def test_what_cannot_be_changed_is_not_applicable(launcher: Launcher, tmp_path: Path) -> None:
    results = judged(launcher, tmp_path, ("persist", "no_put"), "fix-2", "fix-3", "fix-9")
    assert [result.verdict for result in results] == [Verdict.PASSED] * 3, map(said, results)


def test_tables_that_were_made_by_hand_are_there(launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(BY_HAND)
    with sqlite3.connect(tmp_path / "todos.db") as connection:
        connection.execute("CREATE TABLE todos (id INTEGER PRIMARY KEY, title VARCHAR)")
        connection.execute("INSERT INTO todos (title) VALUES ('made by hand')")
    connection.close()
    _, (result,) = judge(Workspace.read_only(tmp_path, "main:app"), ["persist"], launcher)
    assert "cannot be made into JSON" in said(result)
    assert "no such table" not in said(result)


def test_tables_that_a_login_needs_too_are_there(launcher: Launcher, tmp_path: Path) -> None:
    app = CORPUS.build(CORPUS.find("persist", "public_jwt_json_login"), tmp_path)
    with Server(tmp_path, launcher, app) as server:
        server.start()
    main = tmp_path / "main.py"
    code = main.read_text("utf-8")
    assert "create_all" in code
    main.write_text(code.replace("Base.metadata.create_all", "dict"), "utf-8")
    _, (result,) = judge(Workspace.read_only(tmp_path, app), ["persist"], launcher)
    assert result.verdict is Verdict.PASSED, said(result)


def test_a_traceback_in_the_answer_is_not_told_beside_the_error(
    launcher: Launcher, tmp_path: Path
) -> None:
    app = CORPUS.build(CORPUS.find("persist", "public_jwt_json_login"), tmp_path)
    main = tmp_path / "main.py"
    code = main.read_text("utf-8").replace("FastAPI()", "FastAPI(debug=True)")
    main.write_text(code.replace("todo = Todo(**", "todo = Todo(nobody=0, **"), "utf-8")
    _, (result,) = judge(Workspace.read_only(tmp_path, app), ["persist"], launcher)
    assert "500: TypeError: 'nobody' is an invalid keyword" in said(result)
    assert "Traceback" not in said(result)


def test_what_is_made_and_answered_with_a_message_is_known_by_its_title(
    launcher: Launcher, tmp_path: Path, run: Player
) -> None:
    source = tmp_path / "theirs"
    CORPUS.build(CORPUS.find("persist", "post_answers_message"), source)
    made = init.adopted(source, tmp_path / "mine", "main:app", launcher)
    run("break-1", made)
    assert Seen(tuple(run("fix-1", made))).kept() == 1


def test_an_exported_url_that_the_lab_takes_out_is_named(
    launcher: Launcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///./todos.db")
    (result,) = judged(launcher, tmp_path, ("persist", "url_from_environment"))
    assert "has kept your DATABASE_URL from the app" in said(result)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os\nkey = os.environ['SECRET_KEY']\n", "'SECRET_KEY' is not set in the env"),
        ("from .models import Todo\n", "Name it from the folder above the package"),
        (
            "from pydantic import BaseModel\n"
            "class Settings(BaseModel):\n    secret_key: str\n    url: str\n"
            "Settings()\n",
            "secret_key: Field required; url: Field required",
        ),
    ],
    ids=["environment", "relative", "settings"],
)
def test_what_a_start_lacks_is_named(
    launcher: Launcher, tmp_path: Path, source: str, words: str
) -> None:
    (tmp_path / "main.py").write_text(source)
    _, (result,) = judge(Workspace.read_only(tmp_path, "main:app"), ["persist"], launcher)
    assert words in said(result)


def test_a_put_that_sends_no_update_is_told_from_one_without_a_commit(
    launcher: Launcher, tmp_path: Path
) -> None:
    app = CORPUS.build(CORPUS.find("persist", "flat"), tmp_path)
    main = tmp_path / f"{app.partition(':')[0].replace('.', '/')}.py"
    source = main.read_text("utf-8")
    sets = next(line for line in source.splitlines() if ".title = " in line)
    indent, name = sets[: -len(sets.lstrip())], sets.strip().partition(".")[0]
    lines = [line for line in source.splitlines() if ".refresh(" not in line]
    lines.insert(lines.index(sets), f"{indent}db.expunge({name})")
    main.write_text("\n".join(lines), "utf-8")
    (result,) = judge(Workspace.read_only(tmp_path, app), ["fix-4"], launcher)[1]
    assert "No UPDATE was sent through SQLAlchemy" in said(result)


@pytest.mark.long
def test_a_patch_is_no_put_where_the_task_says_put_and_as_good_elsewhere(
    launcher: Launcher, tmp_path: Path
) -> None:
    workspace = init.created(tmp_path / "work", launcher)
    main = tmp_path / "work/todos_app/main.py"
    main.write_text(main.read_text("utf-8").replace(".put(", ".patch("), "utf-8")
    written, kept = judge(workspace, ["alter-4", "persist"], launcher)[1]
    assert written.verdict is Verdict.FAILED
    assert "there is no PUT" in said(written)
    assert kept.verdict is Verdict.PASSED


@pytest.mark.long
def test_a_pool_that_starves_is_told_and_fails_nobody(launcher: Launcher, tmp_path: Path) -> None:
    app = CORPUS.build(CORPUS.find("persist", "flat"), tmp_path)
    (check,) = [each for each in of_exercise("fix-3") if each.name == "many_at_once_give_back"]
    # On a busy machine they may come one after the other, and then there is nothing to tell.
    for _ in range(5):
        with Server(tmp_path, launcher, app) as server:
            if seen := check.function(Todos(server)):
                assert "15 connections of the pool, and in 0.2 s not one came back" in seen
                return
    pytest.fail("60 requests at one instant have gone through a pool of 15, five times")


@pytest.mark.long
def test_a_locked_database_in_a_burst_is_told_and_fails_nobody(
    launcher: Launcher, tmp_path: Path
) -> None:
    app = CORPUS.build(CORPUS.find("persist", "flat"), tmp_path)
    database, main = tmp_path / "database.py", tmp_path / "app.py"
    threads = '"check_same_thread": False'
    source = database.read_text("utf-8").replace(threads, f'{threads}, "timeout": 0')
    database.write_text(source, "utf-8")
    # Long enough in the transaction for another of the four clients to come.
    source = main.read_text("utf-8").replace("db.commit()", "db.flush(); sleep(0.02); db.commit()")
    main.write_text(f"from time import sleep\n{source}", "utf-8")
    (locked,) = judge(Workspace.read_only(tmp_path, app), ["persist"], launcher)[1]
    assert locked.verdict is Verdict.PASSED
    assert "writes from four clients at once" in said(locked)
    assert "database is locked" in said(locked)
