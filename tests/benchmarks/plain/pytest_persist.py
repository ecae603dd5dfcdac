"""persist for plain pytest."""

from __future__ import annotations

import persist as checks
from todo_api import Api


def test_survives_a_stop(api: Api) -> None:
    """What was written is there after a stop and a start."""
    checks.survives_a_stop(api)


def test_survives_a_kill(api: Api) -> None:
    """What was written is there after SIGKILL and a start."""
    checks.survives_a_kill(api)


def test_survives_a_kill_in_a_burst(api: Api) -> None:
    """What was answered in a burst is there after SIGKILL."""
    checks.survives_a_kill_in_a_burst(api)
