"""`lab power-cut` says what a power cut takes, and ends with what it has found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import Shell

PRAGMAS = """
from sqlalchemy import event


@event.listens_for(engine, "connect")
def set_pragmas(connection, _):
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")
"""


@pytest.fixture
def shell(reference: Path) -> Shell:
    return Shell(reference)


@pytest.mark.long
def test_an_api_that_loses_nothing_ends_with_0(shell: Shell) -> None:
    done = shell.lab("power-cut", "-w", ".", "--app", "todos_app.main:app")
    done.said("every acknowledged todo is on every one")
    assert done.code == 0


def test_what_is_lost_is_told_with_what_a_client_sees(shell: Shell) -> None:
    file = shell.folder / "todos_app" / "database.py"
    file.write_text(file.read_text() + PRAGMAS)
    done = shell.lab("power-cut", "-w", ".", "--app", "todos_app.main:app", "--json")
    assert done.code == 1
    assert done.json["lacking"] > 0 and done.json["worst"]["missing"]
    assert done.json["after_restart"]["status"] == 200
