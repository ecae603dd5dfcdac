"""A change of every text in a value, however deep. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a value of texts, dataclasses, dicts, lists and tuples with each text changed."""
    if type(value) is str:  # not one of an enumeration
        return change(value)
    if isinstance(value, dict):
        return {key: with_texts(inner, change) for key, inner in value.items()}
    if type(value) in (tuple, list):
        return type(value)(with_texts(inner, change) for inner in value)
    if is_dataclass(value) and not isinstance(value, type):
        own = [field.name for field in fields(value) if field.init]
        return replace(value, **{name: with_texts(getattr(value, name), change) for name in own})
    return value
