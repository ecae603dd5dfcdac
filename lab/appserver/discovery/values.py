"""Values that fit a JSON schema."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

from lab.appserver.discovery.openapi import Document

FORMATS = {
    "date-time": "2031-05-06T07:08:09Z",
    "date": "2031-05-06",
    "time": "07:08:09",
    "email": "somebody@example.org",
    "uuid": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "uri": "https://example.org/",
}
# What ends comes after what begins. These words are in its name.
LATER = {"date-time": "2031-05-06T09:10:11Z", "date": "2031-05-09", "time": "09:10:11"}
ENDS = {"end", "ends", "until", "finish", "stop", "due", "deadline", "expire", "expires"}
LEVELS = 5
PARTS = 1_000  # of one value: fields, items, and what is in them
LENGTH = 100_000  # of a list, as text
# For a pattern that the name of the field does not fit.
TEXTS = ("learner", "Learner", "lab-check", "LAB", "LAB-123", "123456", "#336699")


def value_for(
    document: Document,
    described: Any,
    name: str,
    levels: int = LEVELS,
    parts: Iterator[int] | None = None,
) -> Any:
    """Return a value that fits the description and is not its default; None where none is known.

    Its fields may have fields of their own, down to so many `levels`, and no more than are left of
    its `parts`: a schema may hold itself, many times.
    """
    parts = parts or iter(range(PARTS))
    if levels == 0 or next(parts, None) is None:
        return None
    schema = document.resolved(described)
    of = partial(value_for, document, levels=levels - 1, parts=parts)
    default = described.get("default") if isinstance(described, dict) else None
    if schema.get("enum"):
        return next((item for item in schema["enum"] if item != default), None)
    match schema.get("type"):
        case "array":
            item = of(schema.get("items"), name)
            many = max(1, schema.get("minItems", 1))
            return None if item is None or many * len(repr(item)) > LENGTH else [item] * many
        case "object" if "properties" in schema:
            fields = {n: of(s, n) for n, s in schema["properties"].items()}
            return {n: value for n, value in fields.items() if value is not None}
        case "object":
            more = schema.get("additionalProperties")
            item = of({"type": "string"} if more is True else more, name)
            return None if item is None else {"key": item}
        case "boolean":
            return default is not True
        case "integer" | "number":
            least = int(schema.get("minimum", schema.get("exclusiveMinimum", 1) + 1))
            most = schema.get("maximum", schema.get("exclusiveMaximum", least + 4) - 1)
            return next((n for n in (least + 1, least) if n <= most and n != default), None)
        case "string" if schema.get("format") in FORMATS:
            ends = ENDS.intersection(re.split(r"[\W_]", name.lower()))
            return {**FORMATS, **(LATER if ends else {})}[schema["format"]]
        case "string":
            text = f"{name} of the check"
            text = text[: schema.get("maxLength", len(text))].strip()
            text = text.ljust(schema.get("minLength", 0), "x")
            pattern = schema.get("pattern")
            texts = (text, *TEXTS, *FORMATS.values())
            return next((t for t in texts if pattern is None or _fits(pattern, t)), None)
    return None


def _fits(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern, as the app's own framework finds it.

    That one takes time in proportion to the text, where Python's may take for ever.
    """
    from pydantic_core import SchemaError, SchemaValidator, core_schema  # few apps have patterns

    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern)).isinstance_python(text)
    except SchemaError:
        return _fits_python(pattern, text)  # one that looks ahead, say


def _fits_python(pattern: str, text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what may have a meaning elsewhere
            return re.search(pattern, text) is not None
    except (re.error, OverflowError, RecursionError):  # JSON Schema has another dialect than Python
        return True
