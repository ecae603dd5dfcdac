"""alter-2 for plain pytest."""

from __future__ import annotations

import alter_2 as checks
from todo_api import Api


def test_lists_all(api: Api) -> None:
    """Without ?completed, all todos are listed."""
    checks.lists_all(api)


def test_filters_by_true(api: Api) -> None:
    """?completed=true lists only what is completed."""
    checks.filters_by_true(api)


def test_filters_by_false(api: Api) -> None:
    """?completed=false lists only what is pending."""
    checks.filters_by_false(api)


def test_follows_changes(api: Api) -> None:
    """A todo that changes leaves its list at once."""
    checks.follows_changes(api)


def test_lists_nothing(api: Api) -> None:
    """Where no todo is completed, ?completed=true lists nothing."""
    checks.lists_nothing(api)


def test_keeps_the_shape(api: Api) -> None:
    """A filtered list has the same todos in it as the whole list."""
    checks.keeps_the_shape(api)


def test_looks_at_every_todo(api: Api) -> None:
    """The filter looks at all todos."""
    checks.looks_at_every_todo(api)
