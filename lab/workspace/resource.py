"""Translates between the requests of the exercises and those that an app has for its todos."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode
from uuid import NAMESPACE_OID, uuid5
from zlib import crc32

TODOS = "/todos"
# The first part of a path, which is the whole name of what it leads to.
FIRST = re.compile(r"(?<![\w./])/(?:todos|users)(?![\w-]|\.\w)")
PARAMETER = re.compile(r"{[^}]*}")
UUIDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ONE = re.compile(r"/todos/(?!count$)([^/?]+)")  # one todo, by its id

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

    def request(self, values: Mapping[str, Any], id: str = "") -> Request:
        """Return the request, with these values under the app's own names."""
        path = self.path.replace("{id}", id)
        if asked := {name: values[name] for name in self.query if name in values}:
            path += ("&" if "?" in path else "?") + urlencode(asked)
        if self.takes is None:
            return self.method, path, None
        body: dict[str, Any] = {n: v for n, v in values.items() if n not in self.query}
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


@dataclass(frozen=True)
class Resource:
    """The todos of one app. The exercises say /todos, id, title and completed for what it has.

    What is not about todos is looked for beside them: /users at /api/v1/users. An operation is
    None where the app has none, `completed` where nothing of a todo says so.
    """

    todos: str
    create: Operation
    read: Operation | None
    change: Operation | None
    delete: Operation | None
    complete: Operation | None = None  # where `change` does not carry it
    reopen: Operation | None = None
    id: str = "id"
    title: str = "title"
    completed: str | None = "completed"
    done: Any = True
    pending: Any = False  # None where the state is the moment of completing
    required: Mapping[str, Any] = field(default_factory=dict)  # what else a new todo must have
    optional: Mapping[str, Any] = field(default_factory=dict, compare=False)  # and what it may
    # What else may be asked for about one todo, "{id}" in its path, and where a GET shows of it.
    further: tuple[tuple[Request, str | None], ...] = field(default=(), compare=False)
    list_query: Mapping[str, Any] = field(default_factory=dict)  # what the list's query must have
    given_id: Any = None  # an example of an id, where it is the client who gives it
    login: Login | None = None  # where todos are for users only
    parent: Parent | None = None  # where a todo belongs to something

    @classmethod
    def at(cls, todos: str = TODOS) -> Resource:
        """Return a resource as the reference has it, at this path."""
        one = todos.rstrip("/") + "/{id}"
        read, change, delete = (Operation(method, one) for method in ("GET", "PUT", "DELETE"))
        return cls(todos, Operation("POST", todos), read, change, delete)

    def belonging_to(self, parent: Parent) -> Resource:
        """Return the resource with its todos below this parent, or with its id in a new one."""
        if parent.field:
            return replace(self, parent=parent, required={**self.required, parent.field: parent.id})
        if not self.parent:
            return replace(self, parent=parent)
        named = ("create", "read", "change", "delete", "complete", "reopen")
        known = {name: operation for name in named if (operation := getattr(self, name))}
        moved: dict[str, Any] = {
            name: replace(operation, path=self.parent.moved(operation.path, parent))
            for name, operation in known.items()
        }
        further = tuple(
            ((method, self.parent.moved(path, parent), body), shown)
            for (method, path, body), shown in self.further
        )
        todos = self.parent.moved(self.todos, parent)
        return replace(self, parent=parent, todos=todos, further=further, **moved)

    @property
    def documented_path(self) -> str:
        """The path of the list, as the app's documents have it."""
        return self.parent.as_documented(self.todos) if self.parent else self.todos

    # -- requests ----------------------------------------------------------------------------

    def own_request(self, request: Request) -> Request:
        """Return the app's own request for one in the words of the exercises."""
        method, path, body = request
        plain, _, query = path.partition("?")
        values = self._named(body)
        if method == "POST" and plain == TODOS and values is not None:
            given = {self.id: new_id(self.given_id, str(values))} if self.given_id else {}
            return self.create.request({**self.required, **given, **values})
        operation = self._of_one(method, body)
        if (one := ONE.fullmatch(plain)) and operation:
            if body is not None and values is None:
                return operation.method, operation.path.replace("{id}", one[1]), body
            fitting = {n: v for n, v in (values or {}).items() if self._fits(operation, n)}
            fitting |= {n: v for n, v in self.list_query.items() if n in operation.query}
            if self.parent and operation.method == "PUT" and operation.carries(self.parent.field):
                fitting = {str(self.parent.field): self.parent.id, **fitting}
            sent = operation.request(fitting, one[1])
            return sent if body is not None else (*sent[:2], None)
        path = self.own_path(self._filtered(plain, query))
        if plain == TODOS and self.list_query and method == "GET":
            path += ("&" if "?" in path else "?") + urlencode(self.list_query)
        return method, path, body

    @property
    def by_change(self) -> bool:
        """Whether what changes a todo also says whether it is completed."""
        return self.change is not None and self.change.carries(self.completed)

    def can_change(self, **changes: Any) -> bool:
        """Whether the app has requests that change this of a todo, to these values."""
        title = self.change is not None and self.change.carries(self.title)
        action = self.complete if changes.get("completed") else self.reopen
        completed = self.by_change or (self.completed is not None and action is not None)
        return (title or "title" not in changes) and (completed or "completed" not in changes)

    def _of_one(self, method: str, body: Any) -> Operation | None:
        """Return what the app does for a request about one todo."""
        if method == "PUT" and isinstance(body, dict) and set(body) == {"completed"}:
            action = self.complete if body["completed"] else self.reopen
            if action and not self.by_change:
                return action
        known = {"GET": self.read, "PUT": self.change, "DELETE": self.delete}
        return known.get(method)

    def _fits(self, operation: Operation, name: str) -> bool:
        return name not in (self.title, self.completed) or operation.carries(name)

    def _named(self, body: Any) -> dict[str, Any] | None:
        """Return the values of a body under the app's names; None where it is no object."""
        if not isinstance(body, dict):
            return None
        named = {self.title if name == "title" else name: value for name, value in body.items()}
        if "completed" in named:
            value = named.pop("completed")
            if self.completed:
                named[self.completed] = self._state(value)
        return named

    def _state(self, completed: Any) -> Any:
        if not isinstance(completed, bool):
            return completed  # of a request that is to be refused
        return self.done if completed else self.pending

    def _filtered(self, plain: str, query: str) -> str:
        """Return a path with its query, where the app's own name stands for `completed`."""
        name, _, value = query.partition("=")
        if name != "completed" or self.completed in ("completed", None):
            return f"{plain}?{query}" if query else plain
        state = self._state(value == "true") if value in ("true", "false") else value
        shown = str(state).lower() if isinstance(state, bool) else state
        return f"{plain}?{urlencode({self.completed: shown})}"

    # -- answers -----------------------------------------------------------------------------

    def said_in(self, answer: Any) -> Any:
        """Return a JSON answer with the exercises' names in place of the app's own."""
        if isinstance(answer, list):
            return [self.said_in(item) for item in answer]
        if not isinstance(answer, dict):
            return answer
        names = {own: said for own, said in self._names.items() if said not in answer}
        said = {names.get(name, name): self.said_in(value) for name, value in answer.items()}
        if self.completed in answer and not isinstance(self.done, bool):
            state = answer[self.completed]
            said["completed"] = state == self.done if self.pending is not None else bool(state)
        return said

    @property
    def _all(self) -> list[Operation]:
        of_one = (self.read, self.change, self.delete, self.complete, self.reopen)
        return [self.create, *filter(None, of_one)]

    @property
    def _names(self) -> dict[str, str]:
        names = {self.id: "id", self.title: "title"}
        if self.completed:
            names[self.completed] = "completed"
        return {own: said for own, said in names.items() if own != said}

    # -- paths -------------------------------------------------------------------------------

    def own_path(self, path: str) -> str:
        """Return the app's own path for one in the words of the exercises."""
        if self.todos == TODOS or not FIRST.match(path):
            return path
        if not path.startswith(TODOS):
            return self.todos.rstrip("/").rpartition("/")[0] + path
        rest = path.removeprefix(TODOS)
        # The slash at the end is the list's own: /tasks/, but /tasks/1.
        return self.todos.rstrip("/") + rest if rest.startswith("/") else self.todos + rest

    def usual_path(self, path: str) -> str:
        """Return the path in the words of the exercises for one of the app's own."""
        base = self.todos.rstrip("/")
        if path == self.todos:
            return TODOS
        return TODOS + path.removeprefix(base) if base and path.startswith(f"{base}/") else path

    def in_words(self, text: str) -> str:
        """Return a text of an exercise with the app's own paths in it."""
        return FIRST.sub(lambda found: self._in_words(found, text), text)

    def _in_words(self, found: re.Match[str], text: str) -> str:
        before, rest = text[: found.start()], text[found.start() :]
        if any(operation.is_in(before, rest) for operation in self._all):
            return found.group()
        own = self.own_path(found.group()).rstrip("/")
        return own or ("" if text[found.end() :].startswith("/") else "/")

    def __str__(self) -> str:
        """Return what is taken for what, in words."""
        query = f"?{urlencode(self.list_query)}" if self.list_query else ""
        parts = [f"GET {self.todos}{query} for the list", f"{self.create} for a new todo"]
        named = (
            (self.change, "a change"),
            (self.complete, "completing"),
            (self.reopen, "making it pending again"),
            (self.delete, "deleting"),
        )
        parts += [f"{operation} for {what}" for operation, what in named if operation]
        parts += [f"{own!r} for {said!r}" for own, said in self._names.items()]
        parts += [str(self.login)] if self.login else []
        parts += [f"{' '.join(self.parent.create[:2])} before all"] if self.parent else []
        text = ", ".join(parts)
        return self.parent.as_documented(text) if self.parent else text
