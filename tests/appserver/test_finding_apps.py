"""An app is found where whoever starts it by hand would go first."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server

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
