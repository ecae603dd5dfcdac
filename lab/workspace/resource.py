"""Translates between the requests of the exercises and those that an app has for its todos."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from lab.workspace.operations import Login, Operation, Pages, Parent, Request, new_id

TODOS = "/todos"
# The first part of a path, which is the whole name of what it leads to.
FIRST = re.compile(r"(?<![\w./])/(?:todos|users)(?![\w-]|\.\w)")
ONE = re.compile(r"/todos/(?!count$)([^/?]+)")  # one todo, by its id


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
    # What a query has for all of the list, and what for the completed ones that it leaves out.
    whole: Mapping[str, Any] = field(default_factory=dict)
    rest: Mapping[str, Any] = field(default_factory=dict)
    pages: Pages | None = field(default=None, compare=False)  # where a list may have several
    # The app's own paths of its other lists, in which there may be what the list leaves out.
    elsewhere: tuple[str, ...] = field(default=(), compare=False)

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
        if self._is_own(path):
            return request
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
            return sent if body is not None or operation.id_in_body else (*sent[:2], None)
        path = self.own_path(self._filtered(plain, query))
        named = {name for name, _ in parse_qsl(path.partition("?")[2], keep_blank_values=True)}
        every = {**self.list_query, **self.whole}
        asked = {name: value for name, value in every.items() if name not in named}
        if plain == TODOS and asked and method == "GET":
            path += ("&" if "?" in path else "?") + urlencode(asked)
        return method, path, body

    def _is_own(self, path: str) -> bool:
        """Whether it is a path of the app's own, and none in the words of the exercises."""
        if self.todos == TODOS or not FIRST.match(path):
            return path in self.elsewhere
        further = (each for (_, asked, _), shown in self.further for each in (asked, shown))
        own = {path for path in (*further, *self.elsewhere) if path}
        return any(re.fullmatch(re.escape(p).replace(r"\{id\}", "[^/]+"), path) for p in own)

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

    def offers(self, request: Request) -> bool:
        """Whether the app has what answers such a request, where that is about one todo."""
        method, path, body = request
        return not ONE.fullmatch(path) or self._of_one(method, body) is not None

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
        if name != "completed" or name in self.rest or self.completed in ("completed", None):
            return f"{plain}?{query}" if query else plain
        state = self._state(value == "true") if value in ("true", "false") else value
        return f"{plain}?{urlencode({self.completed: _as_text(state)})}"

    @property
    def query_of_rest(self) -> str:
        """The query that lists what the list leaves out, with its "?"; "" where that is nothing."""
        values = {n: self.done if n == self.completed else v for n, v in self.rest.items()}
        return f"?{urlencode({n: _as_text(v) for n, v in values.items()})}" if values else ""

    # -- answers -----------------------------------------------------------------------------

    def said_in(self, answer: Any) -> Any:
        """Return a JSON answer with the exercises' names in place of the app's own."""
        if isinstance(answer, list):
            return [self.said_in(item) for item in answer]
        if not isinstance(answer, dict):
            return answer
        if self.id in answer:  # another id that a todo shows is none that a request takes
            answer = {n: value for n, value in answer.items() if n != "id" or n == self.id}
        names = {own: said for own, said in self._names.items() if said not in answer}
        said = {names.get(name, name): self.said_in(value) for name, value in answer.items()}
        if self.id == self.title and self.id in answer:
            said["id"] = answer[self.id]
        if isinstance(link := said.get("id"), str) and ("://" in link or link.startswith("/")):
            said["id"] = link.rstrip("/").rpartition("/")[2]
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
        path = re.split(r"[\s,:;]", rest, maxsplit=1)[0]
        if self._is_own(path) or any(each.is_in(before, rest) for each in self._all):
            return found.group()
        own = self.own_path(found.group()).rstrip("/")
        return own or ("" if text[found.end() :].startswith("/") else "/")

    def __str__(self) -> str:
        """Return what is taken for what, in words."""
        asked = urlencode({**self.list_query, **self.whole})
        query = f"?{asked}" if asked else ""
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


def _as_text(state: Any) -> Any:
    return str(state).lower() if isinstance(state, bool) else state
