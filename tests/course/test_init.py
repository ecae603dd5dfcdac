"""Making a workspace."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from typer.main import get_command

from lab import resources
from lab.appserver.launchers import Launcher
from lab.cli.app import cli
from lab.course import init
from lab.workspace import databases
from lab.workspace.workspace import Workspace

IN_MEMORY = Path("/dev/shm")


def test_temporary_files_may_be_on_another_file_system(
    tmp_path: Path, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not IN_MEMORY.is_dir() or IN_MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one file system only")
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as elsewhere:
        monkeypatch.setattr(tempfile, "tempdir", elsewhere)
        made = init.created(tmp_path / "my-todos", launcher)
        rows = databases.rows(made.folder / "todos.db").rows
    assert len(rows) == len(init.FIRST_TODOS)


def test_a_new_workspace_says_how_to_start_it_look_at_it_and_go_back(made: Workspace) -> None:
    text = (made.folder / init.README).read_text("utf-8")
    assert max(map(len, text.splitlines())) <= 80
    for command in set(re.findall(r"`lab ([a-z]+)", text)):
        assert command in get_command(cli).commands, command  # type: ignore[attr-defined]
    (app,) = re.findall(r"uvicorn (\S+)", text)
    assert app == resources.APP
