"""check50, in a virtual environment of its own: the lab does not need it."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".venv-benchmarks"
WANTED = "check50>=3.3,<4"


@cache
def check50() -> Path:
    """The command; installed at the first call ever. Raises CalledProcessError where pip cannot."""
    command = FOLDER / "bin" / "check50"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
        subprocess.run([str(FOLDER / "bin" / "pip"), "install", "--quiet", WANTED], check=True)
    return command
