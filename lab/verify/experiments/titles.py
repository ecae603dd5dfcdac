"""Titles that an API with rules of its own takes, too."""

from __future__ import annotations


def in_letters(number: int) -> str:
    """Return a number as a word of its own: an API may refuse digits in a text."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))
