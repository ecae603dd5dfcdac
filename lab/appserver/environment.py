"""What a process with the learner's code gets of the environment that the lab was called in.

Nothing is imported here that takes time: the process that servers are forked from is begun with it.
"""

from __future__ import annotations

import os

# What Python and its packages need to be found, and what says how text, time and files are. An
# app may print whatever it gets, and so it gets no tokens and no passwords.
NEEDED = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP",
    "TMP",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH",
    "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONUSERBASE", "PYTHONNOUSERSITE",
    "PYTHONPLATLIBDIR",
    "PYTHONUTF8", "PYTHONIOENCODING", "PYTHONHASHSEED", "PYTHONTZPATH",
    "APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "NUMBER_OF_PROCESSORS",
    "PATHEXT",
    "PROCESSOR_ARCHITECTURE", "PROGRAMDATA", "SYSTEMDRIVE", "SYSTEMROOT", "USERNAME",
    "USERPROFILE", "WINDIR",
})  # fmt: skip
PREFIXES = ("LC_",)
TZ = "TZ"
TODOS_DATA = "TODOS_DATA"  # the path of the folder that a deployment leaves as it is
DATABASE_URL = "DATABASE_URL"  # given to an app only with a database that belongs to the lab


def handed_over() -> dict[str, str]:
    """Return the variables that such a process gets."""
    # Not items(): in another thread, somebody may be changing the environment.
    found = {name: os.environ.get(name) for name in os.environ}
    return {name: value for name, value in found.items() if value is not None and _needed(name)}


def for_python() -> dict[str, str]:
    """Return the environment of a Python process with the learner's code."""
    return handed_over() | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


def withheld() -> list[str]:
    """Return the names of the variables that such a process does not get."""
    return [name for name in os.environ if not _needed(name)]


def _needed(name: str) -> bool:
    return name in NEEDED or name.startswith(PREFIXES)
