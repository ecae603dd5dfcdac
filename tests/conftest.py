"""What the tests share: launchers, apps written into temporary folders, workspaces."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from player_tools import Player

from lab import catalogue, kit, opening
from lab.play import played
from lab.play.player import play
from lab.server.launchers import ForkLauncher, Launcher, SubprocessLauncher, choose
from lab.workspace.workspace import Workspace


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """The launcher that LAB_LAUNCHER names, else the default; one for the whole session."""
    launcher = choose()
    yield launcher
    launcher.close()


@pytest.fixture(scope="session", params=["fork", "subprocess"])
def each_launcher(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    """Both launchers, one after the other."""
    launcher = ForkLauncher() if request.param == "fork" else SubprocessLauncher()
    yield launcher
    launcher.close()


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A folder with a copy of the reference API."""
    folder = tmp_path / "reference"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(kit.folder("todos_app"), folder / "todos_app", ignore=ignore)
    return folder


@pytest.fixture
def app(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a main.py into a new folder and returns the folder."""

    def write(source: str) -> Path:
        folder = tmp_path / "app"
        folder.mkdir(exist_ok=True)
        (folder / "main.py").write_text(source, "utf-8")
        return folder

    return write


@pytest.fixture
def made(tmp_path: Path, launcher: Launcher) -> Workspace:
    """A workspace as `lab init` makes it, with a few todos."""
    return opening.created(tmp_path / "my-todos", launcher)


@pytest.fixture
def run(launcher: Launcher) -> Player:
    """Plays an exercise to its end and returns what it has yielded."""

    def run(id: str, made: Workspace, **given: Any) -> list[played.Event]:
        given.setdefault("confirm", lambda question: True)
        return list(play(catalogue.load().playable(id), made, launcher, **given))

    return run
