"""Judging on real database servers: PostgreSQL, and MySQL or MariaDB."""

from __future__ import annotations

import pytest

from lab.appserver.launchers import Launcher
from lab.dbserver.provider import ServerDatabases, TemporaryDatabase
from lab.dbserver.tables import todo_rows
from lab.dbserver.url import DatabaseURL
from lab.model import LabError, Verdict
from lab.play.on_dbserver import move
from lab.verify import on_dbserver, runner
from lab.workspace.workspace import Workspace
from tests.support.dbservers import edit, failure, made_by_the_lab

HARD_CODED = 'os.environ.get("DATABASE_URL", "sqlite:///./todos.db")'


def test_verdicts_on_a_server_leave_no_database_behind(
    made: Workspace, launcher: Launcher, server: DatabaseURL, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = []
    make = TemporaryDatabase.make

    def noted(database: TemporaryDatabase) -> None:
        names.append(database.url.name)
        make(database)

    monkeypatch.setattr(TemporaryDatabase, "make", noted)
    report = on_dbserver.verify(made, ["persist", "fix-3"], launcher, server)
    assert [result.verdict for result in report.exercises] == [Verdict.PASSED] * 2
    assert names and not made_by_the_lab(server) & set(names)
    assert not made.journal.last_verdict("persist"), "a verdict on a server is not the track's"
    assert made.journal.last_verdict(f"persist@{server.dialect}")


def test_what_the_task_asks_for_is_asked_on_a_server_too(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    (result,) = on_dbserver.verify(made, ["alter-2"], launcher, server).exercises
    assert result.verdict is Verdict.FAILED


def test_an_app_that_ignores_the_url_does_not_pass(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    edit(made, HARD_CODED, '"sqlite:///./todos.db"')
    (result,) = on_dbserver.verify(made, ["persist"], launcher, server).exercises
    assert result.verdict is Verdict.FAILED
    assert all(check.verdict is Verdict.FAILED for check in result.checks)
    assert "todos.db, with SQLite" in failure(result)


@pytest.mark.parametrize("named", [True, False], ids=["with a URL", "without one"])
def test_an_app_never_reaches_a_database_that_is_not_its_own(
    made: Workspace,
    launcher: Launcher,
    server: DatabaseURL,
    own: DatabaseURL,
    provider: ServerDatabases,
    named: bool,
) -> None:
    edit(made, HARD_CODED, repr(own.secret))
    _, (result,) = runner.judge(made, ["persist"], launcher, databases=provider if named else None)
    assert result.verdict is Verdict.FAILED
    assert own.name in failure(result)
    assert todo_rows(own) is None


def test_an_exercise_about_a_file_is_refused(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    with pytest.raises(LabError) as caught:
        on_dbserver.verify(made, ["fix-1"], launcher, server)
    assert caught.value.exit_code == 2
    assert "about a database file" in caught.value.message


def test_drift_is_seen_in_a_copy_of_the_own_database(
    made: Workspace, launcher: Launcher, own: DatabaseURL
) -> None:
    move(made, launcher, own)
    models = made.folder / "todos_app" / "models.py"
    column = "    completed: Mapped[bool]"
    source = models.read_text("utf-8")
    models.write_text(source.replace(column, f"    note: Mapped[str | None]\n{column}", 1), "utf-8")
    if own.dialect == "mysql":
        models.write_text(
            models.read_text("utf-8").replace(
                "note: Mapped[str | None]", "note: Mapped[str | None] = mapped_column(String(9))"
            ),
            "utf-8",
        )
    (result,) = on_dbserver.verify(made, ["fix-2"], launcher, own).exercises
    assert result.verdict is Verdict.FAILED
    assert "has a column that the table in the database lacks" in str(result)
    assert len(todo_rows(own).rows) == 3  # type: ignore[union-attr]
