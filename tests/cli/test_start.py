"""The command starts, or says why it cannot, whatever the environment is like."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def started(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "persistence_lab", "list"],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_module_that_hides_the_labs_own_is_named(tmp_path: Path) -> None:
    (tmp_path / "lab.py").write_text("mine = True\n")
    done = started(tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 3
    assert str(tmp_path / "lab.py") in done.stderr and "PYTHONPATH" in done.stderr
    assert "Traceback" not in done.stderr


def test_pythoninspect_neither_prints_a_traceback_nor_waits_for_input(tmp_path: Path) -> None:
    done = started(tmp_path, PYTHONINSPECT="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "persist" in done.stdout
