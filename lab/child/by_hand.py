"""Makes a process look as if the learner had typed a command in their folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType


def enter(folder: Path, command: Sequence[str], cwd: str = "") -> None:
    """Go to the folder, and put it first on the search path.

    With `cwd`, as if the command had been typed in a folder below it, with `--app-dir`.
    """
    os.chdir(folder / cwd)
    sys.path.insert(0, str(folder))
    sys.argv = [*command]
    sys.dont_write_bytecode = True
    sys.modules["__main__"] = ModuleType("__main__")
