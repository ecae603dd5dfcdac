"""An app is found where whoever starts it by hand would go first."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.model import NoApp

APP = "from fastapi import FastAPI\nfrom {found} import number\napp = FastAPI()\n"
SAYS = '@app.get("/number")\ndef read():\n    return number\n'


@pytest.mark.parametrize(
    ("main", "sibling", "found"),
    [
        ("main.py", "settings.py", "settings"),
        ("backend/main.py", "backend/settings.py", "backend.settings"),
        ("backend/main.py", "backend/settings.py", "settings"),
        ("todo-app/main.py", "todo-app/settings.py", "settings"),
        ("todo-app/app/main.py", "todo-app/app/settings.py", "app.settings"),
        ("work/todo-app/main.py", "work/todo-app/settings.py", "settings"),
    ],
)
def test_it_is_found_however_it_imports_what_lies_beside_it(
    tmp_path: Path, each_launcher: Launcher, main: str, sibling: str, found: str
) -> None:
    for name, text in ((main, APP.format(found=found) + SAYS), (sibling, "number = 7\n")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    with Server(tmp_path, each_launcher) as server:
        server.start()
        assert server.get("/number").json == 7
        app = server.app
    with Server(tmp_path, each_launcher, app) as again:
        again.start()
        assert again.get("/number").json == 7


@pytest.mark.parametrize(("mine", "copy"), [("todos_app", "backup"), ("app", "a copy")])
def test_one_in_the_folder_that_the_course_or_fastapi_knows_comes_before_its_copy(
    tmp_path: Path, launcher: Launcher, mine: str, copy: str
) -> None:
    assert started(tmp_path, launcher, f"{mine}/main.py", f"{copy}/main.py") == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("new/main.py", "old/main.py"),
        ("new/todos_app/main.py", "old/todos_app/main.py"),
        ("parts/v1/app.py", "parts/v2/app.py"),
    ],
)
def test_of_two_copies_nobody_is_told_that_one_is_the_app(
    tmp_path: Path, launcher: Launcher, first: str, second: str
) -> None:
    with pytest.raises(NoApp, match=f"{first} and {second}"):
        started(tmp_path, launcher, first, second)


@pytest.mark.parametrize("beside", ["frontend/main.py", "worker/tasks/main.py"])
def test_a_file_of_its_name_that_makes_no_app_is_no_copy(
    tmp_path: Path, launcher: Launcher, beside: str
) -> None:
    (tmp_path / beside).parent.mkdir(parents=True)
    (tmp_path / beside).write_text("print('hello')\n", "utf-8")
    assert started(tmp_path, launcher, "backend/main.py") == 0


def started(folder: Path, launcher: Launcher, *files: str) -> object:
    """The number that the app in a folder gives: that of its file among these."""
    for number, name in enumerate(files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(APP.format(found="settings") + SAYS, "utf-8")
        (folder / name).with_name("settings.py").write_text(f"number = {number}\n", "utf-8")
    with Server(folder, launcher) as server:
        server.start()
        return server.get("/number").json
