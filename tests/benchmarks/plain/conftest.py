"""A cold server for each test, as most projects do it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from todo_api import Api


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """The learner's app in a new folder, not started."""
    shutil.copytree(Path(os.environ["BENCHMARK_FOLDER"]) / "todos_app", tmp_path / "todos_app")
    monkeypatch.chdir(tmp_path)
    api = Api()
    yield api
    api.kill()
