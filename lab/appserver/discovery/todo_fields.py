"""Which fields of a todo hold its text and its state, known by their names and their schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab.appserver.discovery.offers import OWNERS, bare, words
from lab.appserver.discovery.openapi import Document
from lab.appserver.discovery.values import value_for

# Names, without capitals and underscores, the likeliest first.
TEXTS = (
    *("title", "name", "text", "task", "todo", "content", "description", "summary", "label"),
    *("item", "subject"),
)
STATES = (
    *("completed", "iscompleted", "done", "isdone", "complete", "iscomplete", "finished"),
    *("isfinished", "checked", "ischecked", "status", "state"),
)
# When it was completed; null for one that is pending.
MOMENTS = {"completedat", "doneat", "finishedat", "completedon", "completiondate"}
NO_STATES = {"important", "starred", "favorite", "favourite", "pinned", "active", "archived"}
NO_STATES |= {"deleted", "public", "private", "published", "urgent", "flagged", "hidden"}
NO_STATES |= {f"is{name}" for name in NO_STATES}
DONE = ("completed", "done", "complete", "finished", "closed")
KEYS = ("uuid", "guid", "uid", "pk", "key", "ref", "slug")  # an id under another name
LINKS = ("url", "href", "uri", "self")  # where a todo is; the id is the end of that
OPEN = ("pending", "todo", "open", "new", "notstarted", "incomplete")


def text_in(fields: Mapping[str, Any]) -> str | None:
    """Return the field that is a todo's text; None where none can be."""
    named = [name for known in TEXTS for name in fields if bare(name) == known]
    ending = [
        n
        for known in TEXTS
        for n in fields
        if n.lower().endswith(f"_{known}") or n.endswith(known.capitalize())
        if not words(n) & OWNERS
    ]
    return next(iter([*named, *ending]), None)


def state_in(fields: Mapping[str, Any], document: Document | None = None) -> str | None:
    """Return the field that says whether a todo is completed; None where none does."""
    named = [name for known in STATES for name in fields if bare(name) == known]
    if named or document is None:
        return next(iter(named), None)
    switches = [
        name
        for name, schema in fields.items()
        if document.resolved(schema).get("type") == "boolean" and bare(name) not in NO_STATES
    ]
    if len(switches) == 1:
        return switches[0]
    moments = (n for n, s in fields.items() if bare(n) in MOMENTS and _is_moment(s, document))
    return next(moments, None)


def values_of(schema: Any, document: Document) -> tuple[Any, Any]:
    """Return the values of a state for completed and for pending."""
    found = document.resolved(schema)
    if found.get("type") == "integer" and not found.get("enum"):
        return 1, 0
    if _is_moment(schema, document):
        return value_for(document, found, ""), None
    if found.get("type") != "string" and not found.get("enum"):
        return True, False
    known = list(found.get("enum") or ())
    default = (schema or {}).get("default") if isinstance(schema, dict) else None
    done = [v for word in DONE for v in known if bare(str(v)) == word]
    pending = [v for word in OPEN for v in known if bare(str(v)) == word]
    rest = [v for v in known if v not in done]
    others = [v for v in known if v != default]
    first_done = next(iter([*done, *others[::-1]]), "completed")
    return first_done, default if default is not None else next(iter(pending or rest), "pending")


def _is_moment(schema: Any, document: Document) -> bool:
    return document.resolved(schema).get("format") in ("date-time", "date")


def id_among(names: Sequence[str], ids: Sequence[str]) -> str:
    """Return which of a todo's names is that of its id, `ids` being what requests call it.

    What the first of them has in its path is meant, also where a todo shows another id beside it.
    """
    asked = [n for i in ids[:1] for n in names if n == i]
    asked += [n for i in ids[:1] for n in names if bare(n) in words(i) & {"id", *KEYS}]
    named = [n for n in names if bare(n) == "id"] + [n for n in ids if n in names]
    others = [n for n in names if n.endswith(("_id", "Id"))]
    ending = [n for n in others if not words(n) & OWNERS]
    keys = [n for known in (*KEYS, *LINKS) for n in names if bare(n) == known]
    return next(iter([*asked, *named, *ending, *keys]), "id")
