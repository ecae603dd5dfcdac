"""What an app's OpenAPI document says of its paths and schemas."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.workspace.resource import Resource

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Document:
    """One OpenAPI document; an empty one where the app has none."""

    content: dict[str, Any] = field(default_factory=dict)
    mount: str = ""  # where the app that it describes is in another one
    resource: Resource = field(default_factory=Resource.at)  # what the lab calls /todos

    def own_paths(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each path, as the app has it, and its operations by method.

        Where todos are below something that was made for them, with its id.
        """
        parent = self.resource.parent
        for path, operations in inside(self.content, "paths").items():
            own = self.mount + path
            own = parent.filled(own) if parent else own
            yield own, operations if isinstance(operations, dict) else {}

    def paths(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each path, as the lab calls it, and its operations by method."""
        for path, operations in self.own_paths():
            yield self.resource.usual_path(path), operations

    def post(self, path: str) -> dict[str, Any] | None:
        """Return what is documented of a POST to `path`; None where there is no such path."""
        for known, operations in self.paths():
            if known.rstrip("/") == path:
                return inside(operations, "post")
        return None

    def request_fields(self, operation: dict[str, Any] | None) -> tuple[str, ...] | None:
        """Return the fields of the JSON that an operation takes; None where it names none."""
        return self._fields(inside(operation, "requestBody"))

    def response_fields(self, operation: dict[str, Any] | None) -> tuple[str, ...] | None:
        """Return the fields of the JSON in its first 2xx answer; None where it names none."""
        return self._fields(_success(operation))

    def schema_of_body(self, operation: dict[str, Any] | None) -> dict[str, Any]:
        """Return the schema of the JSON or the form that an operation takes; else nothing.

        Of a body that has all of it under one name, that of what is there.
        """
        schema, name = self._body(operation), self.within(operation)
        return self.resolved(schema["properties"][name]) if name else schema

    def within(self, operation: dict[str, Any] | None) -> str | None:
        """Return the one name under which a body has all its fields: "todo" in {"todo": {...}}."""
        fields = inside(self._body(operation), "properties")
        nested = [name for name in fields if "properties" in self.resolved(fields[name])]
        return nested[0] if len(nested) == len(fields) == 1 else None

    def _body(self, operation: dict[str, Any] | None) -> dict[str, Any]:
        taken = inside(operation, "requestBody", "content")
        return self.resolved((json_in(taken) or inside(taken, FORM)).get("schema"))

    def resolved(self, schema: Any) -> dict[str, Any]:
        """Return the schema behind references, and of several the first that is not null."""
        for _ in range(5):
            if not isinstance(schema, dict):
                return {}
            found = sound(schema)
            several = found.get("anyOf") or found.get("allOf") or found.get("oneOf")
            if reference := found.get("$ref"):
                schema = inside(self.content, *reference.removeprefix("#/").split("/"))
            elif several:
                rest = [item for item in several if item.get("type") != "null"]
                schema = {**rest[0], "default": found.get("default")} if rest else {}
            else:
                return found
        return {}

    def default_of(self, schema: Any) -> Any:
        """Return the default that a schema has beside a reference, or behind it."""
        own = schema.get("default") if isinstance(schema, dict) else None
        return self.resolved(schema).get("default") if own is None else own

    def item_fields(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of one todo in an operation's answer, with their schemas."""
        schema = self.resolved(json_in(inside(_success(operation), "content")).get("schema"))
        for _ in range(3):
            if schema.get("type") == "array":
                schema = self.resolved(schema.get("items"))
            if not inside(schema, "properties"):  # an object that has each under its id
                schema = self.resolved(schema.get("additionalProperties")) or schema
            fields = inside(schema, "properties")
            wrapped = [found for each in fields.values() if _holds(found := self.resolved(each))]
            if len(wrapped) != 1 or "id" in fields:
                return fields
            schema = wrapped[0]
        return {}

    def open_body(self, operation: Mapping[str, Any]) -> bool:
        """Whether an operation takes a JSON object, or something, of which no more is said."""
        body = json_in(inside(operation, "requestBody", "content"))
        schema = self.resolved(body.get("schema"))
        return bool(body) and "properties" not in schema and schema.get("type") in (None, "object")

    def _fields(self, part: Any) -> tuple[str, ...] | None:
        schema = self.resolved(json_in(inside(part, "content")).get("schema"))
        return tuple(inside(schema, "properties")) if "properties" in schema else None


def _success(operation: Mapping[str, Any] | None) -> Any:
    """Return what is documented of the answer with the lowest 2xx status; None without one."""
    answers = inside(operation, "responses")
    return next((answers[code] for code in sorted(answers) if code.startswith("2")), None)


def _is_number(value: Any) -> bool:
    most = sys.float_info.max  # beyond it, or no number at all, nothing can be computed with
    return type(value) in (int, float) and -most <= value <= most


def _is_at_most(most: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and value <= most


def _is_list_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(v, kind) for v in value)


CHARACTERS, ITEMS = 10_000, 10  # of a text, and of a list, that a value is made with
# What is read of a schema, and what it must be. An app may write its document itself.
KEYWORDS: dict[str, Callable[[Any], bool]] = {
    "$ref": lambda value: isinstance(value, str),
    "format": lambda value: isinstance(value, str),
    "pattern": lambda value: isinstance(value, str),
    "properties": lambda value: isinstance(value, dict),
    "required": _is_list_of(str),
    "enum": lambda value: isinstance(value, list),
    **dict.fromkeys(("anyOf", "allOf", "oneOf"), _is_list_of(dict)),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(("minLength", "maxLength"), _is_at_most(CHARACTERS)),
    "minItems": _is_at_most(ITEMS),
}


def sound(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema without those keywords whose values are not of their kind."""
    return {name: v for name, v in schema.items() if name not in KEYWORDS or KEYWORDS[name](v)}


def _holds(schema: dict[str, Any]) -> bool:
    """Whether a schema is of an object or of a list of something."""
    return schema.get("type") == "array" or "properties" in schema


def json_in(content: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of JSON, under whatever name of it."""
    return next((inside(content, kind) for kind in filter(is_json, content)), {})


def is_json(kind: str) -> bool:
    """Whether a media type is one of JSON: application/hal+json is, a list of operations is not."""
    return "json" in kind.lower() and "json-patch" not in kind.lower()


def inside(value: Any, *path: str) -> dict[str, Any]:
    """Return the object behind these keys; an empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
