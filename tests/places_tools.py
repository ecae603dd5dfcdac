"""Where the exercises are proven: on files, or on each kind of server that they are about."""

from __future__ import annotations

import pytest

from lab import catalogue
from lab.dev.check import not_here
from lab.dev.servers import needed
from lab.dev.trials import placed
from lab.remote.url import Dialect


def kinds(exercise: str) -> tuple[Dialect | None, ...]:
    """The kinds of server that an exercise is proven on; None stands for a file."""
    return needed(catalogue.load().playable(exercise)) or (None,)


def skip_unless_here(exercise: str, on: Dialect | None) -> None:
    """Skip the test, saying why, where this machine lacks what the exercise needs."""
    lacks = not_here(catalogue.load().playable(exercise))
    if why := lacks.get(f"{exercise}{placed(on)}", lacks.get(exercise)):
        pytest.skip(why)
