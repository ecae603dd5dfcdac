"""The todos of a file on a database server: every row, every id."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.appserver.launchers import Launcher
from lab.course import catalogue
from lab.dbserver.copying import copy_database
from lab.dbserver.provider import ServerDatabases
from lab.dbserver.tables import todo_rows
from lab.dbserver.url import DatabaseURL
from lab.model import CheckFailed, NotPossible, Verdict
from lab.play.on_dbserver import move
from lab.scenario import events as e
from lab.verify import on_dbserver
from lab.verify.experiments.row_comparison import compare, new_ids_follow
from lab.verify.staged_server import StagedServers
from lab.verify.todos import Todos
from lab.workspace.workspace import Workspace
from tests.support.dbservers import SQL
from tests.support.play import played

Arrived = Callable[[], str | None]
ALTERS = {"postgresql": "alter-8", "mysql": "alter-9"}


def test_a_copy_has_rows_and_next_ids_as_they_are(provider: ServerDatabases, sql: SQL) -> None:
    source, target = provider.create().url, provider.create().url
    number = "SERIAL" if source.dialect == "postgresql" else "INTEGER AUTO_INCREMENT"
    sql(source, f"CREATE TABLE todos (id {number} PRIMARY KEY, title VARCHAR(99) NOT NULL)")
    sql(source, "INSERT INTO todos (title) VALUES ('100%% milk'), ('bread'), ('gone')")
    sql(source, "DELETE FROM todos WHERE title = 'gone'")
    copy_database(source, target)
    sql(target, "INSERT INTO todos (title) VALUES ('new')")
    assert sql(target, "SELECT * FROM todos") == [(1, "100% milk"), (2, "bread"), (4, "new")]
    assert len(sql(source, "SELECT * FROM todos")) == 2


@pytest.fixture
def arrived(made: Workspace, launcher: Launcher, own: DatabaseURL) -> Arrived:
    """Tells why the todos have not arrived as they were; None where they have."""

    def arrived() -> str | None:
        with (
            ServerDatabases(own) as provider,
            StagedServers(made, launcher, provider).server(own=True) as server,
        ):
            todos = Todos(server)
            try:
                compare(todos)
                todos.server.start()
                new_ids_follow(todos)
            except CheckFailed as failed:
                return f"{failed.actual} {failed.help}"
        return None

    return arrived


def test_the_lab_moves_every_row_as_it_is(
    made: Workspace, launcher: Launcher, own: DatabaseURL, arrived: Arrived
) -> None:
    moved = move(made, launcher, own)
    assert [(each.table, each.rows) for each in moved] == [("todos", 3)]
    assert arrived() is None


AFTER = {
    "one is missing": (
        "DELETE FROM todos WHERE id = 2",
        "id 2 is not there; the server has 2 todos",
    ),
    "the ids are new": ("UPDATE todos SET id = id + 10", "3 of them are not there"),
    "times are made anew": ("UPDATE todos SET created_at = '2001-01-01 00:00:00'", "created_at"),
    "a title is cut": ("UPDATE todos SET title = 'Read' WHERE id = 1", "title = 'Read'"),
    "a flag is lost": ("UPDATE todos SET completed = (id = 1)", "completed"),
    "there is no table": ("DROP TABLE todos", "no table of todos"),
}


@pytest.mark.parametrize("wrong", AFTER)
def test_a_move_that_changes_something_is_seen(
    made: Workspace, launcher: Launcher, own: DatabaseURL, sql: SQL, arrived: Arrived, wrong: str
) -> None:
    move(made, launcher, own)
    statement, says = AFTER[wrong]
    sql(own, statement)
    assert says in (arrived() or "")


def test_a_sequence_that_nobody_told_is_seen(
    made: Workspace, launcher: Launcher, own: DatabaseURL, sql: SQL, arrived: Arrived
) -> None:
    move(made, launcher, own)
    if own.dialect == "mysql":
        pytest.skip("MySQL's AUTO_INCREMENT follows by itself")
    sql(own, "SELECT setval('todos_id_seq', 1, false)")
    said = arrived() or ""
    assert "The id is taken already" in said


def test_rows_are_never_mixed(
    made: Workspace, launcher: Launcher, own: DatabaseURL, provider: ServerDatabases
) -> None:
    move(made, launcher, own)
    with pytest.raises(NotPossible, match="rows already"):
        move(made, launcher, own)
    rows = todo_rows(own)
    assert rows and len(rows.rows) == 3


def test_the_model_answer_passes(made: Workspace, launcher: Launcher, own: DatabaseURL) -> None:
    id = ALTERS[own.dialect]
    for each in ("alter-1", "alter-2", "alter-3"):
        played(catalogue.load().playable(each), made, launcher, confirm=lambda _: True)
    file = (made.folder / "todos.db").read_bytes()
    (start,) = on_dbserver.verify(made, [id], launcher, own).exercises
    assert start.verdict is Verdict.FAILED
    with ServerDatabases(own) as provider:
        exercise = catalogue.load().playable(id)
        events = played(exercise, made, launcher, confirm=lambda _: True, provider=provider)
        assert [event.rehearsed for event in events if isinstance(event, e.DatabaseMoved)] == [
            True,
            False,
        ]
        assert isinstance(events[-1], e.Next)
        assert events[-1].commands[0][0] == "DATABASE_URL=URL uvicorn todos_app.main:app"
        again = played(exercise, made, launcher, confirm=lambda _: True, provider=provider)
        assert isinstance(again[-1], e.NothingToDo)
        assert "name an empty one" in again[-1].text
    (done,) = on_dbserver.verify(made, [id], launcher, own).exercises
    assert done.verdict is Verdict.PASSED, str(done)
    assert (made.folder / "todos.db").read_bytes() == file
    rows = todo_rows(own)
    assert rows and len(rows.rows) == 3, "what is shown happens elsewhere"
