"""The command starts, or says why it cannot, whatever the environment is like."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lab

FIRST_STEP = Path(lab.__file__).parent / "command" / "persistence_lab.py"


def started(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", FIRST_STEP, *(words or ("list",))],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_pythonpath_names_hides_nothing_of_the_labs_own(tmp_path: Path) -> None:
    for name in ("lab", "typer", "httpx", "fastapi", "sqlalchemy", "checks", "scenarios"):
        (tmp_path / f"{name}.py").write_text("mine = True\n")
    done = started(tmp_path, "init", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_what_python_prints_as_it_starts_is_no_report_of_a_server(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('hello')\n")
    done = started(tmp_path, "init", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "Your workspace is my-todos." in done.stdout


def test_pythoninspect_neither_prints_a_traceback_nor_waits_for_input(tmp_path: Path) -> None:
    done = started(tmp_path, PYTHONINSPECT="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "persist" in done.stdout


@pytest.mark.parametrize("module", ["lab.cli", "resource"])
def test_ctrl_c_in_the_first_imports_ends_it_without_a_traceback(
    tmp_path: Path, module: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Pressed:\n"
        "    def find_spec(name, path, target=None):\n"
        f"        if name == {module!r}: raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed)\n"
    )
    done = started(tmp_path, PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (130, "")


def test_a_current_folder_that_is_gone_is_told_of_from_the_first_step_on(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", sys.executable, FIRST_STEP, "list"],
        cwd=gone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "The folder that you are in is gone." in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 2


def must_tell_of_limit(folder: Path, *command: str | Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    said = " ".join(done.stderr.split())
    assert "no more memory, processes or open files" in said and "defect" not in said
    assert "Traceback" not in said
    assert done.returncode == 3


def test_a_machine_that_opens_no_more_files_is_told_of(tmp_path: Path) -> None:
    limited = 'ulimit -n 8; exec "$@"'  # three pipes do not fit
    must_tell_of_limit(
        tmp_path, "/bin/sh", "-c", limited, "sh", sys.executable, "-P", FIRST_STEP, "init"
    )


def test_a_machine_that_starts_no_more_threads_is_told_of(tmp_path: Path) -> None:
    refusing = """
import sys, threading
def start(thread): raise RuntimeError("can't start new thread")
threading.Thread.start = start
sys.argv = ["lab", "init"]
from lab.cli import main
main()
"""
    must_tell_of_limit(tmp_path, sys.executable, "-c", refusing)
