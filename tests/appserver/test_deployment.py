"""A deployment: what is in the new folder, what is not, and what the app is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lab.appserver.deployment import deploy
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.workspace.store import copy_tree

TOLD = """\
import os
from fastapi import FastAPI
app = FastAPI()
@app.get("/told")
def told():
    return os.environ.get("TODOS_DATA")
"""


def test_what_a_server_has_written_goes_and_the_volume_stays(
    app: Callable[[str], Path], each_launcher: Launcher, tmp_path: Path
) -> None:
    folder, image = app(TOLD), tmp_path / "image"
    (folder / "todos.db").touch()
    copy_tree(folder, image, with_databases=False)
    with Server(folder, each_launcher) as server:
        server.start()
        assert server.get("/told").json is None
        server.kill()
        for content in ("first", "second"):
            deploy(server, image, "data")
            server.start()
            assert server.get("/told").json == str(folder / "data")
            server.kill()
            assert sorted(path.name for path in folder.iterdir()) == ["data", "main.py"]
            (folder / "written.txt").touch()
            (folder / "data" / content).touch()
    assert sorted(path.name for path in (folder / "data").iterdir()) == ["first", "second"]


def test_the_code_as_it_is_now_comes_with_no_database(
    app: Callable[[str], Path], launcher: Launcher
) -> None:
    folder = app(TOLD)
    with Server(folder, launcher) as server:
        for _ in range(2):
            (folder / "todos.db").touch()
            deploy(server)
            (folder / "volume" / "todos.db").touch()
            assert not (folder / "todos.db").exists()
    assert (folder / "main.py").read_text() == TOLD


def test_a_volume_hides_what_the_image_has_in_its_place(
    app: Callable[[str], Path], launcher: Launcher, tmp_path: Path
) -> None:
    folder, image = app(TOLD), tmp_path / "image"
    copy_tree(folder, image, with_databases=False)
    (image / "volume").mkdir()
    (image / "volume" / "of the image").touch()
    with Server(folder, launcher) as server:
        for _ in range(2):
            deploy(server, image)
            assert list((folder / "volume").iterdir()) == []
