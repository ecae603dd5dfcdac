"""What an exercise needs beyond the lab itself, and how to get it."""

from __future__ import annotations

from importlib.util import find_spec

from lab.model import NotPossible


class NotInstalled(NotPossible):
    """A package that only an extra of the lab brings."""


def missing(package: str) -> NotInstalled | None:
    """Return what to say where the package is not here; None where it is, or none is needed."""
    if not package or find_spec(package):
        return None
    return NotInstalled(
        f"This exercise needs the package {package}, which is not installed.",
        f'Install it: `pip install "persistence-lab[{package}]"`.',
    )
