"""Whether a value of SQLite's and one of a database server's mean the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lab.verify.experiments.row_comparison import same

LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "alike"),
    [
        ("2026-11-20 08:00:00.4", datetime(2026, 11, 20, 8, 0, 0), True),
        ("2026-11-20 08:00:00", datetime(2026, 11, 20, 8, 0, 0, tzinfo=UTC), True),
        ("2026-11-20 08:00:00", datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC), False),
        ("9999-12-31T23:59:59-14:00", LAST, False),
        ("12026-01-01 00:00:00", LAST, False),
        (10**400, 1.5, False),
        (1, True, True),
    ],
)
def test_values_are_compared_by_what_they_mean(old: Any, new: Any, alike: bool) -> None:
    assert same(old, new) is alike
