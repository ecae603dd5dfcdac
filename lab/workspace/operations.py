"""The requests that an app has for its todos, in its own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from uuid import NAMESPACE_OID, uuid5
from zlib import crc32

PARAMETER = re.compile(r"{[^}]*}")
UUIDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Request = tuple[str, str, Any]  # method, path, JSON body or None


class Form(dict[str, Any]):
    """A body that is sent as a browser sends an HTML form, and not as JSON."""


@dataclass(frozen=True)
class Operation:
    """A request that does something with todos. `{id}` in its path is the id of one of them."""

    method: str
    path: str
    query: tuple[str, ...] = ()  # the fields that are sent in the query
    takes: tuple[str, ...] | None = ()  # the fields of its body; () any, None where it has none
    form: bool = False  # whether its body is that of an HTML form
    within: str | None = None  # the one name that its body has, as "todo" in {"todo": {...}}
    confirms: tuple[str, ...] = ()  # what its query has to say that it is meant
    id_in_body: str | None = None  # the field of its body that has the id, where the path has none

    def request(self, values: Mapping[str, Any], id: str = "") -> Request:
        """Return the request, with these values under the app's own names."""
        path = self.path.replace("{id}", id)
        asked = {name: values[name] for name in self.query if name in values}
        if asked := dict.fromkeys(self.confirms, "true") | asked:
            path += ("&" if "?" in path else "?") + urlencode(asked)
        if self.takes is None:
            return self.method, path, None
        body: dict[str, Any] = {n: v for n, v in values.items() if n not in self.query}
        if self.id_in_body:
            body[self.id_in_body] = int(id) if id.isdecimal() else id
        body = {self.within: body} if self.within else body
        return self.method, path, Form(body) if self.form else body

    def carries(self, name: str | None) -> bool:
        """Whether a value of that name has a place in the request, as far as it is known."""
        fits = self.takes is not None and (not self.takes or name in self.takes)
        return name is not None and (fits or name in self.query)

    def is_in(self, before: str, rest: str) -> bool:
        """Whether it is this request, in the app's own words, of which a text says the path."""
        path = re.escape(self.path.partition("?")[0]).replace(r"\{id\}", r"[^/?\s]+")
        return before.endswith(f"{self.method} ") and bool(re.match(rf"{path}(?![\w/-])", rest))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Login:
    """How a user of the lab's own is registered in an app, and gets a token.

    Of the ways to log in, one for each name that the user has, the first that works is taken.
    """

    ways: tuple[Request, ...]
    register: Request | None = None

    def __str__(self) -> str:
        method, path, _ = self.ways[0]
        first = f"{' '.join(self.register[:2])}, then " if self.register else ""
        return f"{first}{method} {path} to log in"


@dataclass(frozen=True)
class Parent:
    """What a todo belongs to and is made before it: a list or a project, say."""

    create: Request
    one: str  # the path of one, as documents have it: /lists/{list_id}
    names: tuple[str, ...]  # what its id may be called
    field: str | None = None  # what a new todo calls it, where its path does not have it
    id: Any = None  # of the one that was made

    @property
    def path(self) -> str:
        """The path of the one that was made."""
        return PARAMETER.sub(quote(str(self.id), safe=""), self.one)

    def filled(self, path: str) -> str:
        """Return a path with its id in it, where it leads to something below such a parent."""
        if self.field:
            return path
        begin, end = map(re.escape, PARAMETER.split(self.one, maxsplit=1))
        return re.sub(rf"^{begin}{{[^}}]*}}{end}(?=/)", lambda _: self.path, path)

    def as_documented(self, text: str) -> str:
        """Return a text with a parameter in the place of its id in the paths below it."""
        return text.replace(f"{self.path}/", f"{self.one}/")

    def moved(self, path: str, to: Parent) -> str:
        """Return a path below this one as it is below another one."""
        below = path.removeprefix(self.path)
        return to.path + below if below.startswith("/") and below != path else path


@dataclass(frozen=True)
class Pages:
    """How a list is asked for its next pages: by what its query says of where it begins."""

    name: str
    first: int  # what the first page has there
    counted: bool  # whether it is pages that are counted there, and not todos
    told: bool = False  # whether each answer tells where the next page begins

    def query(self, page: int, length: int, answer: Any) -> str | None:
        """Return the query for the page that follows so many others, all of this length.

        `answer` is that of the page before; None where it tells that there is none.
        """
        if not self.told:
            return urlencode({self.name: self.first + page * (1 if self.counted else length)})
        following = _next_in(answer)
        if following is None:
            return None
        _, is_link, query = following.partition("?")
        return query if is_link else urlencode({self.name: following})


def _next_in(answer: Any) -> str | None:
    """Return what an answer says of the next page: where it begins, or a link to it."""
    inside = answer.items() if isinstance(answer, dict) else ()
    named = (value for name, value in inside if re.search("next|^cursor$", name, re.IGNORECASE))
    told = [str(value) for value in named if type(value) in (str, int)]
    deeper = (_next_in(value) for _, value in inside)
    return next((found for found in (*told, *deeper) if found), None)


def new_id(example: Any, text: str) -> Any:
    """Return an id of the same kind as the example, another one for each text."""
    if isinstance(example, int):
        return crc32(text.encode()) >> 1  # as large as a column of 32 bits may hold
    unique = str(uuid5(NAMESPACE_OID, text))
    if UUIDS.fullmatch(str(example)):
        return unique
    # Of many patterns only this matters: whether a letter, and which kind of it, comes first.
    first = str(example)[:1]
    return first + unique[:7] if first.isalpha() else unique[:8]
