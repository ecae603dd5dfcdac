"""Scripts in the folder of an app: run beside its server, to their end and not longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lab.appserver import commands
from lab.appserver.commands import run_script
from lab.appserver.launchers import ForkLauncher, Launcher, SubprocessLauncher
from lab.appserver.server import Server

APP = """
from fastapi import FastAPI
app = FastAPI()

@app.get("/")
def greet():
    print("asked")
"""
FILE = "say.py"


@pytest.fixture(params=[ForkLauncher, SubprocessLauncher])
def launcher(request: pytest.FixtureRequest) -> Iterator[Launcher]:
    with closing(request.param()) as launcher:
        yield launcher


def put(folder: Path, source: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "main.py").write_text(APP, "utf-8")
    (folder / FILE).write_text(source, "utf-8")
    return folder


def test_a_script_is_run_as_a_person_would_run_it(tmp_path: Path, launcher: Launcher) -> None:
    source = (
        "import os, sys, main\nif __name__ == '__main__':\n"
        "    print(sys.argv, os.path.isabs(__file__))"
    )
    ran = run_script(launcher, put(tmp_path / "app", source), FILE, "one", "two")
    assert (ran.command, ran.code) == ("python say.py one two", 0)
    assert ran.output == "['say.py', 'one', 'two'] True"


def test_a_script_that_raises_or_exits_says_so_by_its_exit_code(
    tmp_path: Path, launcher: Launcher
) -> None:
    raises = run_script(launcher, put(tmp_path / "app", "1 / 0"), FILE)
    assert raises.code == 1
    assert raises.output.endswith("ZeroDivisionError: division by zero")
    assert run_script(launcher, put(tmp_path / "app", "raise SystemExit(3)"), FILE).code == 3


def test_a_script_that_is_not_there_is_told(tmp_path: Path, launcher: Launcher) -> None:
    ran = run_script(launcher, tmp_path, FILE)
    assert (ran.code, ran.output) == (2, "There is no file say.py in this folder.")


def test_a_script_that_does_not_end_is_ended(
    tmp_path: Path, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "SCRIPT_SECONDS", 0.5)
    folder = put(tmp_path / "app", "import time; print('begun', flush=True); time.sleep(60)")
    assert run_script(launcher, folder, FILE).code is None


def test_the_server_beside_it_goes_on_and_keeps_its_own_log(
    tmp_path: Path, launcher: Launcher
) -> None:
    folder = put(tmp_path / "app", "print('said')")
    with Server(folder, launcher, "main:app") as server:
        server.start()
        server.get("/")
        assert run_script(launcher, folder, FILE).output == "said"
        assert server.get("/").ok
        log = server.log.text()
    assert log.count("asked") == 2
    assert "said" not in log
