"""What an app's OpenAPI documents offer, operation by operation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.appserver.discovery.openapi import FORM, Document, inside, is_json
from lab.appserver.discovery.values import value_for
from lab.workspace.operations import PARAMETER, Operation, Pages

VERBS = {"create", "add", "new", "get", "all", "list", "read", "fetch", "by", "id"}
VERBS |= {"api", "v1", "v2", "v3"}

OWNERS = {"user", "owner", "author", "account"}
# What a list's query may have to say: where it begins, how long it is, which part of it is meant.
FROM_START = {"skip": 0, "offset": 0, "start": 0, "page": 1, "pagenumber": 1}
CURSORS = {"cursor", "after", "marker", "pagetoken", "nexttoken", "continuationtoken"}
CURSORS |= {"startafter", "startingafter"}  # what the answer before has told
LENGTHS = {"limit", "size", "perpage", "pagesize", "count", "take", "first", "top", "rows", "n"}
LENGTHS |= {"max", "maxresults", "itemsperpage", "pagelimit", "page[size]", "page[limit]"}
LONGEST = 100
INCLUDE, DONE = {"include", "show", "with"}, {"completed", "complete", "done", "finished", "closed"}
CONFIRM = {"confirm", "confirmed", "confirmation", "sure"}  # that something is meant
ALL = {"all", "any", "both", "everything"}  # of what has several values
PARTS = {"q", "search", "query", "keyword", "completed", "done", "status", "state", "filter"}


@dataclass(frozen=True)
class Offer:
    """One operation of an OpenAPI document."""

    method: str
    path: str
    document: Document
    operation: Mapping[str, Any]

    @property
    def body(self) -> dict[str, Any]:
        """The fields of its body, with their schemas."""
        return inside(self._schema, "properties")

    @property
    def query(self) -> dict[str, Any]:
        """The fields of its query, with their schemas."""
        return {p["name"]: p.get("schema", {}) for p in self._parameters("query")}

    @property
    def request_fields(self) -> dict[str, Any]:
        """The fields of its query and its body, with their schemas."""
        return {**self.query, **self.body}

    @property
    def flat_fields(self) -> dict[str, Any]:
        """The fields of a request, but those that hold fields of their own."""
        resolved = self.document.resolved
        return {n: s for n, s in self.request_fields.items() if "properties" not in resolved(s)}

    @property
    def required(self) -> set[str]:
        """The names of the fields that its query or its body must have."""
        asked = {p["name"] for p in self._parameters("query") if p.get("required")}
        return asked | set(self._schema.get("required", ()))

    @property
    def response_fields(self) -> dict[str, Any]:
        """The fields of one todo in its answer, with their schemas; empty where it names none."""
        return self.document.item_fields(self.operation)

    @property
    def takes_anything(self) -> bool:
        """Whether it has a body of which the document says no more."""
        return self.document.open_body(self.operation)

    @property
    def takes_more(self) -> bool:
        """Whether it has a body of a certain shape: fields, or a list of something."""
        fields = self.body.keys() - {self.id_in_body}
        return bool(fields) or (
            "requestBody" in self.operation and not self.body and not self.takes_anything
        )

    @property
    def ids(self) -> list[str]:
        """The names under which it takes the id of one todo: in its path, else in its query."""
        in_path = [found[1:-1].partition(":")[0] for found in PARAMETER.findall(self.path)]
        # Of what is read, one that may be left out only says which are listed.
        asked = self.query if self.method != "GET" else self.required & self.query.keys()
        in_query = [name for name in asked if name == "id" or name.endswith("_id")]
        return in_path or [name for name in in_query if not words(name) & OWNERS]

    @property
    def id_in_body(self) -> str | None:
        """The field of its body that must have the id of one todo; None where it has that place."""
        named = [n for n in self.body if n in self.required and "id" in words(n)]
        meant = (n for n in named if words(n) - {"id"} <= self.words)
        return None if self.ids or self.method == "GET" else next(meant, None)

    @property
    def words(self) -> set[str]:
        """The words of its path, in the singular, without those that every path may have.

        What todos belong to has no part in the words of what is below it.
        """
        parent = self.document.resource.parent
        path = self.path.removeprefix(parent.path) if parent else self.path
        return words(PARAMETER.sub("", path)) - VERBS

    @property
    def is_below(self) -> bool:
        """Whether it is below what todos belong to; so is all where they belong to nothing."""
        parent = self.document.resource.parent
        return not parent or bool(parent.field) or self.path.startswith(f"{parent.path}/")

    @property
    def about(self) -> set[str]:
        """The words of its path and of the name of what it takes."""
        return self.words | words(str(self._schema.get("title", "")))

    @property
    def is_form(self) -> bool:
        """Whether its body is that of an HTML form, and no JSON."""
        content = inside(self.operation, "requestBody", "content")
        return FORM in content and not any(map(is_json, content))

    @property
    def is_page(self) -> bool:
        """Whether it answers with a page for a browser, and no JSON."""
        content = inside(self.operation, "responses", "200", "content")
        return bool(content) and not any(map(is_json, content))

    @property
    def query_values(self) -> dict[str, Any] | None:
        """A value for each parameter that a request has to send; None where one has no known value.

        Parameters that say where a list begins, how long it is, and whether what is completed is
        in it, get all of the list.
        """
        if not self.is_open:
            return None
        query = {name: self.query[name] for name in (*self.required_parameters, *self._lengths)}
        values = {name: self._asked(name, schema) for name, schema in query.items()}
        values |= dict.fromkeys(self._includes, "true")
        return None if None in values.values() else values

    @property
    def is_open(self) -> bool:
        """Whether it requires no header and no cookie but that of a login.

        What If-Match has to be, where a document names it, may be told elsewhere than in an ETag.
        """
        wanted = (p for p in self._parameters("header", "cookie") if not is_login(p["name"]))
        return not any(p.get("required") or bare(p["name"]) == "ifmatch" for p in wanted)

    @property
    def _lengths(self) -> list[str]:
        """The parameters that say how long a list is, where it is short without them."""
        resolved = self.document.resolved
        short = {n: resolved(s).get("default") for n, s in self.query.items() if bare(n) in LENGTHS}
        return [n for n, default in short.items() if type(default) is int and default < LONGEST]

    @property
    def _includes(self) -> list[str]:
        """The parameters without which a list has only what is pending, such as include_done."""
        known = ((n, s) for n, s in self.query.items() if words(n) & INCLUDE and words(n) & DONE)
        return [n for n, schema in known if self.document.resolved(schema).get("default") is False]

    @property
    def wholes(self) -> dict[str, Any]:
        """The parameters that have a word for the whole list, and another one as their default."""
        wholes = {}
        for name, schema in self.query.items():
            words_of_it = map(str, self.document.resolved(schema).get("enum") or ())
            whole = next((word for word in words_of_it if bare(word) in ALL), None)
            if whole and self.document.default_of(schema) not in (None, whole):
                wholes[name] = whole
        return wholes

    @property
    def pages(self) -> Pages | None:
        """How it is asked for its next pages; None where no parameter of its query says so."""
        name = next((n for n in self.query if bare(n) in FROM_START), None)
        if name is None:
            cursor = next((n for n in self.query if bare(n) in CURSORS), None)
            return Pages(cursor, 0, counted=False, told=True) if cursor else None
        default = self.document.default_of(self.query[name])
        first = default if type(default) is int else FROM_START[bare(name)]
        return Pages(name, first, counted=bare(name).startswith("page"))

    @property
    def required_parameters(self) -> list[str]:
        """The names of the parameters that are required in its query, headers or cookies."""
        found = self._parameters("query", "header", "cookie")
        return [str(p["name"]) for p in found if p.get("required") and not is_login(p["name"])]

    def _asked(self, name: str, schema: Any) -> Any:
        if bare(name) in FROM_START:
            return FROM_START[bare(name)]
        if bare(name) in LENGTHS:
            return self.document.resolved(schema).get("maximum", LONGEST)
        if words(name) & PARTS:
            return None
        return value_for(self.document, schema, name)

    @property
    def _schema(self) -> dict[str, Any]:
        return self.document.schema_of_body(dict(self.operation))

    def _parameters(self, *places: str) -> list[dict[str, Any]]:
        found = self.operation.get("parameters")
        known = [p for p in found if isinstance(p, dict)] if isinstance(found, list) else []
        named = (p for p in known if isinstance(p.get("name"), str) and p["name"].isprintable())
        return [p for p in named if p.get("in") in places]

    def as_operation(self, *, of_one: bool = False) -> Operation:
        """Return it as a request; `of_one`, with "{id}" where the app takes the id of one todo."""
        has_body = "requestBody" in self.operation
        # Beside a body, what may be asked for in the query is no field of a todo.
        asked = self.required if has_body else self.query
        path, query = self.path, tuple(name for name in self.query if name in asked)
        if of_one and "{" in path:
            path = PARAMETER.sub("{id}", path)
        elif of_one and self.ids:
            query = tuple(name for name in query if name != self.ids[0])
            path = f"{path}?{self.ids[0]}={{id}}"
        takes = tuple(self.body) if has_body else None
        within = self.document.within(dict(self.operation))
        id_in_body = self.id_in_body if of_one else None
        return Operation(
            self.method, path, query, takes, self.is_form, within, self.confirms, id_in_body
        )

    @property
    def confirms(self) -> tuple[str, ...]:
        """What the query of a DELETE has to say that it is meant: its switches for that."""
        switches = {
            n for n, s in self.query.items() if self.document.resolved(s).get("type") == "boolean"
        }
        meant = (n for n in self.query if n in self.required or words(n) & CONFIRM)
        return tuple(n for n in meant if self.method == "DELETE" and n in switches)


def offers_in(documents: Iterable[Document]) -> list[Offer]:
    """Return every operation of the documents."""
    return [
        Offer(method.upper(), path, document, operation)
        for document in documents
        for path, operations in document.own_paths()
        for method, operation in operations.items()
        if isinstance(operation, dict)
    ]


def words(text: str) -> set[str]:
    """Return the words of a path or a name, small and in the singular."""
    parts = re.split(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])", text)
    return {_singular(part.lower()) for part in parts if part}


def _singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.rstrip("s")


def is_login(header: str) -> bool:
    """Whether it is the header in which a login's token is sent."""
    return bare(header) == "authorization"


def bare(name: str) -> str:
    """Return a name without capitals and what parts its words."""
    return name.replace("_", "").replace("-", "").replace(" ", "").casefold()
