"""Where the lab's own material lies: the scenarios, the checks and the reference API."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from lab.model import UsageError

Name = Literal["scenarios", "checks", "todos_app"]
APP = "todos_app.main:app"  # the reference API, where its folder was copied to


def folder(name: Name) -> Path:
    """Return the folder of that name: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    packed = package / "_kit" / name
    return packed if packed.is_dir() else package.parent / name


def checkout() -> Path:
    """Return the folder of the checkout that this is. Raises UsageError where it is a wheel."""
    root = folder("checks").parent
    if not (root / "pyproject.toml").is_file():
        raise UsageError(
            "This lab was installed from a wheel: there is nothing to write to.",
            "Work in a checkout of the project: `pip install -e .` there.",
        )
    return root
