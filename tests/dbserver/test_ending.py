"""A database server that ends its connections, as a restart of it does."""

from __future__ import annotations

from pathlib import Path

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.course import catalogue
from lab.dbserver.provider import ServerDatabases, disconnect
from lab.dbserver.tables import connected
from lab.dbserver.url import DatabaseURL
from lab.model import Verdict
from lab.scenario import events as e
from lab.verify import on_dbserver
from lab.workspace.workspace import Workspace
from tests.support.dbservers import edit, failure, made_by_the_lab
from tests.support.play import played


def test_a_request_pays_for_a_restart_until_connections_are_tested(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    def told(id: str) -> Verdict:
        return on_dbserver.verify(made, [id], launcher, server).exercises[0].verdict

    assert told("fix-14") is Verdict.NOT_STARTED
    with ServerDatabases(server) as provider:
        events = played(catalogue.load().playable("break-14"), made, launcher, provider=provider)
        assert isinstance(events[-1], e.Next)
        # No file was changed, so the last undo would be another one's.
        assert "lab undo" not in [command for command, _ in events[-1].commands]
        assert told("break-14") is Verdict.PASSED
        assert told("fix-14") is Verdict.FAILED
        played(catalogue.load().playable("fix-14"), made, launcher, provider=provider)
        source = (made.folder / "todos_app" / "database.py").read_text("utf-8")
        assert "pool_pre_ping=True" in source
        again = played(catalogue.load().playable("fix-14"), made, launcher, provider=provider)
        assert isinstance(again[-1], e.NothingToDo)
        assert "`lab verify fix-14 --database-url URL` judges it" in again[-1].text
    assert told("fix-14") is Verdict.PASSED
    assert told("break-14") is Verdict.FAILED


def test_what_a_restart_breaks_is_wrong_with_every_new_api_so_its_fix_is_played(
    made: Workspace, launcher: Launcher, provider: ServerDatabases, own: DatabaseURL
) -> None:
    events = played(catalogue.load().playable("fix-14"), made, launcher, provider=provider)
    assert any(isinstance(event, e.Kept) for event in events)
    (result,) = on_dbserver.verify(made, ["fix-14"], launcher, own).exercises
    assert result.verdict is Verdict.PASSED


def test_a_session_that_is_closed_late_does_not_hide_the_drop(
    made: Workspace, launcher: Launcher, server: DatabaseURL
) -> None:
    edit(made, "    finally:\n", '    finally:\n        __import__("time").sleep(0.3)\n')
    (result,) = on_dbserver.verify(made, ["break-14"], launcher, server).exercises
    assert result.verdict is Verdict.PASSED, failure(result)


def test_only_the_app_is_disconnected(
    made: Workspace, launcher: Launcher, provider: ServerDatabases, tmp_path: Path
) -> None:
    url, other = provider.create().url, provider.create().url
    made.stage(tmp_path / "app", databases=False)
    with connected(other) as kept, Server(tmp_path / "app", launcher, database_url=url) as server:
        server.start()
        assert server.get("/todos").ok
        assert server.settle()  # else its connection is given back, and replaced, after the end
        assert disconnect(url) == 1
        assert server.get("/todos").status == 500
        assert kept.exec_driver_sql("SELECT 1").scalar() == 1
        provider.sweep()
        assert {url.name, other.name} <= made_by_the_lab(url)
