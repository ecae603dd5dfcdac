"""Making a workspace."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.course import init
from lab.workspace import databases

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
