"""What an app's OpenAPI document says of its paths and schemas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lab.workspace.resource import Resource

JSON = "application/json"
NAMES = frozenset({"todos", "todo"})


@dataclass(frozen=True)
class Collection:
    """A path where something can be listed and made, and the fields that an answer has there."""

    path: str
    fields: frozenset[str]


@dataclass(frozen=True)
class Document:
    """One OpenAPI document; an empty one where the app has none."""

    content: dict[str, Any] = field(default_factory=dict)
    mount: str = ""  # where the app that it describes is in another one
    resource: Resource = field(default_factory=Resource.at)  # what the lab calls /todos

    def paths(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each path, as the lab calls it, and its operations by method."""
        for path, operations in inside(self.content, "paths").items():
            named = self.resource.said(self.mount + path)
            yield named, operations if isinstance(operations, dict) else {}

    def collections(self) -> Iterator[Collection]:
        """Yield the paths without a parameter that take both GET and POST."""
        for path, operations in self.paths():
            if {"get", "post"} <= operations.keys() and "{" not in path:
                yield Collection(path, frozenset(self.given(operations["post"]) or ()))

    def post(self, path: str) -> dict[str, Any] | None:
        """What is documented of a POST to `path`; None where the document has no such path."""
        for known, operations in self.paths():
            if known.rstrip("/") == path:
                return inside(operations, "post")
        return None

    def taken(self, operation: dict[str, Any] | None) -> tuple[str, ...] | None:
        """The fields of the JSON that an operation takes; None where it names none."""
        return self._fields(inside(operation, "requestBody"))

    def given(self, operation: dict[str, Any] | None) -> tuple[str, ...] | None:
        """The fields of the JSON that it answers with where all went well; else None."""
        answers = inside(operation, "responses")
        good = next((answers[code] for code in sorted(answers) if code.startswith("2")), None)
        return self._fields(good)

    def schema_of_body(self, operation: dict[str, Any] | None) -> dict[str, Any]:
        """The schema of the JSON that an operation takes; nothing where there is none."""
        return self.resolved(inside(operation, "requestBody", "content", JSON).get("schema"))

    def resolved(self, schema: Any) -> dict[str, Any]:
        """The schema behind references, and of several the first that is not null."""
        for _ in range(5):
            if not isinstance(schema, dict):
                return {}
            several = schema.get("anyOf") or schema.get("allOf") or schema.get("oneOf")
            reference = schema.get("$ref")
            if isinstance(reference, str):
                schema = inside(self.content, *reference.removeprefix("#/").split("/"))
            elif several:
                rest = [item for item in several if item.get("type") != "null"]
                schema = {**rest[0], "default": schema.get("default")} if rest else {}
            else:
                return schema
        return {}

    def _fields(self, part: Any) -> tuple[str, ...] | None:
        schema = self.resolved(inside(part, "content", JSON).get("schema"))
        return tuple(inside(schema, "properties")) if "properties" in schema else None


def find(documents: Iterable[Document]) -> Resource | None:
    """Where todos are listed and made, by the app's OpenAPI documents.

    Else where one other collection has a title and whether it is completed, as the tasks of
    course note 001 do. None where there is none, or more than one.
    """
    collections = [each for document in documents for each in document.collections()]
    paths = {each.path.rstrip("/"): each for each in collections}
    named = [each for path, each in paths.items() if path.split("/")[-1] in NAMES]
    alike = [each for each in paths.values() if {"title", "completed"} <= each.fields]
    for found in (named, alike):
        if len(found) == 1:
            return Resource.at(found[0].path)
    return None


def inside(value: Any, *path: str) -> dict[str, Any]:
    """The object behind these keys; an empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
