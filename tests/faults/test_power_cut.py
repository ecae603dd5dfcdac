"""A power cut takes what was acknowledged only where the app lets it, and each loss is found."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.child.disk_recorder import HEADER, WRITE
from lab.faults.disks_after_cut import Operation, disks, operations
from lab.faults.power_cut import cut
from lab.model import NotPossible
from lab.workspace.workspace import Workspace

PRAGMAS = """

from sqlalchemy import event


@event.listens_for(engine, "connect")
def set_pragmas(connection, _):
    connection.execute("PRAGMA journal_mode={journal}")
    connection.execute("PRAGMA synchronous={synchronous}")
"""
IN_MEMORY = """
from fastapi import FastAPI

app = FastAPI()
todos = []


@app.get("/todos")
def list_todos():
    return todos


@app.post("/todos", status_code=201)
def create_todo(todo: dict):
    todos.append({"id": len(todos) + 1, "title": todo["title"], "completed": False})
    return todos[-1]
"""


def with_pragmas(reference: Path, journal: str, synchronous: str) -> Workspace:
    file = reference / "todos_app" / "database.py"
    file.write_text(file.read_text() + PRAGMAS.format(journal=journal, synchronous=synchronous))
    return Workspace.read_only(reference, "todos_app.main:app")


def test_the_reference_keeps_every_acknowledged_todo_on_every_disk(
    reference: Path, launcher: Launcher
) -> None:
    found = cut(Workspace.read_only(reference, "todos_app.main:app"), launcher)
    assert found.holds
    assert (found.acknowledged, found.lacking, found.damaged) == (20, 0, 0)
    assert found.tried >= 500 and found.syncs > 0


def test_a_write_ahead_log_that_is_not_synced_loses_acknowledged_todos(
    reference: Path, launcher: Launcher
) -> None:
    found = cut(with_pragmas(reference, "WAL", "NORMAL"), launcher, writes=5)
    assert found.lacking and not found.damaged
    assert found.worst and len(found.worst.missing) == 5
    assert found.after and found.after.ok
    assert "todo 1 of 5" not in str(found.after.json)


def test_a_write_ahead_log_that_is_synced_at_each_commit_loses_nothing(
    reference: Path, launcher: Launcher
) -> None:
    assert cut(with_pragmas(reference, "WAL", "FULL"), launcher, writes=5).holds


@pytest.mark.parametrize(
    ("journal", "synchronous"),
    [("MEMORY", "FULL"), pytest.param("DELETE", "OFF", marks=pytest.mark.long)],
)
def test_without_a_journal_on_the_disk_a_cut_can_damage_the_file(
    reference: Path, launcher: Launcher, journal: str, synchronous: str
) -> None:
    found = cut(with_pragmas(reference, journal, synchronous), launcher)
    assert found.damaged
    assert found.worst and found.worst.damage


def test_an_app_without_a_file_has_nothing_to_cut(
    app: Callable[[str], Path], launcher: Launcher
) -> None:
    with pytest.raises(NotPossible, match="written to no SQLite file"):
        cut(Workspace.read_only(app(IN_MEMORY), "main:app"), launcher)


def test_an_app_that_is_recorded_ends_as_ever_with_its_connections_open(
    reference: Path, tmp_path: Path, launcher: Launcher
) -> None:
    log = tmp_path / "disk.log"
    with Server(reference, launcher, "todos_app.main:app", record_disk=log) as server:
        server.start()
        server.post("/todos", {"title": "recorded"})
        assert server.stop() == -signal.SIGTERM
    assert any(
        b"recorded" in operation.data for operation in operations(log.read_bytes(), reference)
    )


def test_what_was_synced_is_on_every_disk_and_the_rest_on_some() -> None:
    done = [
        Operation(WRITE, "a", 0, b"old", 10),
        Operation(b"s", "a", 0, b"", 20),
        Operation(WRITE, "a", 0, b"new", 30),
    ]
    found = {disk.files["a"] for disk in disks({}, done, 2)}
    assert found == {b"old", b"new"}


def test_a_record_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    name = str(tmp_path.resolve() / "a").encode()
    whole = HEADER.pack(WRITE, len(name), 0, 3) + name + b"abc"
    assert [o.data for o in operations(whole + whole[:-1], tmp_path)] == [b"abc"]
