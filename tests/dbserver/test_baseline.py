"""A database on a server is brought back to what it was, under whoever is connected to it."""

from __future__ import annotations

from contextlib import closing

import pytest

from lab.appserver.launchers import Launcher
from lab.dbserver.baseline import baseline
from lab.dbserver.provider import ServerDatabases
from lab.dbserver.tables import connected
from lab.dbserver.url import DatabaseURL
from lab.model import LabError
from lab.verify.staged_server import StagedServers
from lab.workspace.workspace import Workspace
from tests.support.dbservers import SQL

KEY = {"postgresql": "SERIAL PRIMARY KEY", "mysql": "INTEGER AUTO_INCREMENT PRIMARY KEY"}


@pytest.fixture
def filled(own: DatabaseURL, sql: SQL) -> DatabaseURL:
    """A table that is empty, one that refers to it, and one that has a row."""
    sql(own, f"CREATE TABLE todos (id {KEY[own.dialect]}, title VARCHAR(20))")
    sql(own, "CREATE TABLE notes (todo INTEGER, FOREIGN KEY (todo) REFERENCES todos (id))")
    sql(own, "CREATE TABLE version (number INTEGER)")
    sql(own, "INSERT INTO version VALUES (7)")
    return own


def test_rows_that_came_since_go_and_ids_begin_anew(filled: DatabaseURL, sql: SQL) -> None:
    with baseline(filled) as before:
        for _ in range(2):
            sql(filled, "INSERT INTO todos (title) VALUES ('new')")
            sql(filled, "INSERT INTO notes VALUES (1)")
            assert sql(filled, "SELECT id FROM todos") == [(1,)]
            assert before.restore()
            assert sql(filled, "SELECT * FROM todos") == sql(filled, "SELECT * FROM notes") == []
    assert sql(filled, "SELECT number FROM version") == [(7,)]


def test_a_sequence_of_its_own_begins_anew_as_well(
    provider: ServerDatabases, own: DatabaseURL, sql: SQL
) -> None:
    if own.dialect != "postgresql":
        pytest.skip("ids come from sequences on PostgreSQL alone")
    sql(own, "CREATE SEQUENCE todo_ids START 5")
    sql(own, "CREATE TABLE todos (id INTEGER)")
    with baseline(own) as before:
        assert sql(own, "SELECT nextval('todo_ids')") == [(5,)]
        assert before.restore()
        assert sql(own, "SELECT nextval('todo_ids')") == [(5,)]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE todos ADD COLUMN priority INTEGER",
        "DROP TABLE notes",
        "CREATE TABLE tags (id INTEGER)",
        "UPDATE version SET number = 8",
        "INSERT INTO version VALUES (8)",
    ],
)
def test_what_cannot_be_taken_back_is_told(filled: DatabaseURL, sql: SQL, change: str) -> None:
    with baseline(filled) as before:
        sql(filled, change)
        assert not before.restore()


def test_a_table_that_somebody_keeps_locked_is_not_waited_for(filled: DatabaseURL) -> None:
    with baseline(filled) as before, connected(filled) as other:
        other.exec_driver_sql("BEGIN")
        other.exec_driver_sql("INSERT INTO todos (title) VALUES ('not committed')")
        with pytest.raises(LabError):
            before.restore()


def test_a_server_goes_from_one_check_to_the_next_on_a_database_server_too(
    made: Workspace, launcher: Launcher, provider: ServerDatabases
) -> None:
    with closing(StagedServers(made, launcher, provider)) as servers:
        with servers.running() as first:
            first.server.post("/todos", {"title": "of the first"})
            pid = first.server.events.all("listening")[0]["pid"]
        with servers.running() as second:
            assert second.server.events.all("listening")[0]["pid"] == pid
            assert second.server.get("/todos").json == []
            made_now = second.server.post("/todos", {"title": "of the second"}).json
            assert made_now["id"] == 1
