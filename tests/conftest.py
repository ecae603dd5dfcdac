"""What the tests share: launchers, apps written into temporary folders, workspaces."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import resources
from lab.appserver.launchers import ForkLauncher, Launcher, SubprocessLauncher, choose
from lab.course import catalogue, init
from lab.dbserver.provider import ServerDatabases
from lab.dbserver.tables import connected
from lab.dbserver.url import DatabaseURL, parse
from lab.scenario import events as e
from lab.workspace.workspace import Workspace
from tests.support.dbservers import SERVERS, SQL
from tests.support.play import Player, played


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """The launcher that LAB_LAUNCHER names, else the default; one for the whole session."""
    launcher = choose()
    yield launcher
    launcher.close()


# A start of the second takes ten times as long: `.ci/run` has them.
LAUNCHERS = ["fork", pytest.param("subprocess", marks=pytest.mark.long)]


@pytest.fixture(scope="session", params=LAUNCHERS)
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
    shutil.copytree(resources.folder("todos_app"), folder / "todos_app", ignore=ignore)
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


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, launcher: Launcher) -> Path:
    """The folder of which made() gives copies: its todos were made over HTTP."""
    return init.created(tmp_path_factory.mktemp("made") / "my-todos", launcher).folder


@pytest.fixture
def made(tmp_path: Path, made_once: Path) -> Workspace:
    """A workspace as `lab init` makes it, with a few todos."""
    return Workspace.open(Path(shutil.copytree(made_once, tmp_path / "my-todos", symlinks=True)))


@pytest.fixture
def run(launcher: Launcher) -> Player:
    """Plays an exercise to its end and returns what it has yielded."""

    def run(id: str, made: Workspace, **given: Any) -> list[e.Event]:
        given.setdefault("confirm", lambda question: True)
        return played(catalogue.load().playable(id), made, launcher, **given)

    return run


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> DatabaseURL:
    """A database server of each kind; skipped, saying so, where the environment names none."""
    return parse(os.environ[request.param])


@pytest.fixture
def provider(server: DatabaseURL) -> Iterator[ServerDatabases]:
    """Lends databases on the server, and drops them."""
    with ServerDatabases(server) as provider:
        yield provider


@pytest.fixture
def own(provider: ServerDatabases) -> DatabaseURL:
    """An empty database, as a learner would have made one."""
    return provider.create().url


@pytest.fixture
def sql() -> SQL:
    """Runs one statement on a database."""

    def run(url: DatabaseURL, statement: str) -> list[tuple[object, ...]]:
        with connected(url) as connection:
            result = connection.exec_driver_sql(statement)
            return [tuple(row) for row in result] if result.returns_rows else []

    return run
