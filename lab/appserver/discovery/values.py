"""Values that fit a JSON schema."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache, partial
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
# A program that has a pattern and texts as its input, and prints the first that fits.
SEARCH = """import json, re, sys
pattern, texts = json.load(sys.stdin)
print(json.dumps(next(filter(re.compile(pattern).search, texts), None)))"""
SEARCH_SECONDS = 2.0
# Of what is a text in the documents, and one of a few words in the database.
WORDS = {"priority": ("high", "low")}
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
            known = (word for word in WORDS.get(name.lower(), ()) if word != default)
            text = next(known, f"{name} of the check")
            text = text[: schema.get("maxLength", len(text))].strip()
            text = text.ljust(schema.get("minLength", 0), "x")
            pattern = schema.get("pattern")
            texts = (text, *TEXTS, *FORMATS.values())
            return text if pattern is None else _fitting(pattern, texts)
    return None


def _fitting(pattern: str, texts: tuple[str, ...]) -> str | None:
    """Return the first text that fits a pattern, as the app's own framework finds it.

    That one takes time in proportion to the text, where Python's may take for ever.
    """
    from pydantic_core import SchemaError, SchemaValidator, core_schema  # few apps have patterns

    try:
        fits = SchemaValidator(core_schema.str_schema(pattern=pattern)).isinstance_python
    except SchemaError:
        return _fitting_python(pattern, texts)  # one that looks ahead, say
    return next(filter(fits, texts), None)


@cache
def _fitting_python(pattern: str, texts: tuple[str, ...]) -> str | None:
    """Return the first text that Python finds to fit; None where it takes too long to find out.

    Nothing but the end of its process ends a search.
    """
    command = (sys.executable, "-I", "-W", "ignore", "-c", SEARCH)
    try:
        found = subprocess.run(
            command,
            input=json.dumps((pattern, texts)),
            timeout=SEARCH_SECONDS,
            capture_output=True,
            check=False,
            text=True,
        )
    except subprocess.TimeoutExpired:
        return None
    if found.returncode:
        return texts[0]  # JSON Schema has another dialect than Python
    first: str | None = json.loads(found.stdout)
    return first
