"""The todo API as a client sees it. What does not work as any todo API must raises CheckFailed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from lab.answers import Title, Todo, faults, is_of_title, many_in, one_in, read
from lab.appserver.server import Server
from lab.model import CheckFailed, Crash, Exchange, NotApplicable
from lab.verify.error_responses import explain
from lab.verify.evidence import TRACEBACK
from lab.workspace.resource import Resource

PAGES = 100  # of a list, at the most
TOO_MANY = 429  # requests
KEPT = ("id", "title", "completed", "created_at")  # what a restart must not change


class Todos:
    """The `/todos` of one server. What a task leaves open is open here as well.

    A todo may come back alone or wrapped, POST may answer any 2xx, a list may be paged.
    """

    def __init__(self, server: Server, learned: Callable[[], Resource] | None = None) -> None:
        self.server = server
        self._learned = learned
        self._changed: dict[str, Todo] = {}  # by path, as the last PUT has answered it
        self._found: list[object] = []  # ids of todos that were found by their title
        self._titles: Counter[str] = Counter()  # how often each was sent
        # By id, what was changed and answered with a 2xx; None for what was deleted.
        self._written: dict[object, dict[str, Any] | None] = {}

    @property
    def offered(self) -> Resource:
        """What the app offers, with what is only known when its documents were read.

        Waits for that where this check has begun before.
        """
        return self._learned() if self._learned else self.server.resource

    @property
    def can_read_one(self) -> bool:
        """Whether the app has a way to read one todo by its id."""
        return self.server.resource.read is not None

    def create(self, title: str, **fields: Any) -> Todo:
        """POST a todo. The todo that came back, or else the one of this title in the list."""
        return self.made(self.post(title, **fields))

    def post(self, title: str, **fields: Any) -> Exchange:
        """POST a todo. The answer, which is a 2xx.

        Where an app takes each title once, one that was sent before is sent with a number.
        """
        answer = self.server.post("/todos", {"title": title, **fields})
        if 400 <= answer.status < 500 and self._titles[title]:
            numbered = f"{title} {self._titles[title] + 1}"
            answer = self.server.post("/todos", {"title": numbered, **fields})
        self._titles[title] += 1
        self.require_2xx(answer, "creates a todo")
        return answer

    def made(self, answer: Exchange) -> Todo:
        """Return the todo that a POST has made: the one that came back, or else that of its title.

        Where no more than an id has come back, the title is the one that was sent.
        """
        title, told = Title(answer.sent["title"]), self.told(answer)
        return {"title": title, **told} if told else self.by_title(title)

    def told(self, answer: Exchange) -> Todo | None:
        """Return the todo in an answer; None where there is none."""
        todo = one_in(answer.json)
        return read(todo) if todo else None

    def by_title(self, title: str) -> Todo:
        """Return the todo of this title in the list; of several, one that was not found before.

        Raises CheckFailed where there is none.
        """
        named = [todo for todo in self.all() if todo.get("title") == title]
        if named:
            new = (todo for todo in named if todo["id"] not in self._found)
            found = next(new, named[-1])
            self._found.append(found["id"])
            return found
        raise CheckFailed(
            expected=f"a todo with the title {title!r} after POST /todos",
            actual=f"GET /todos has none: {self.server.exchanges[-1]}",
            help="POST /todos answered 2xx, so the todo should be in the list.",
        )

    def all(self, query: str = "") -> list[Todo]:
        """GET the list, with `query` ("?completed=true") behind the path."""
        answer = self.server.get("/todos" + query)
        if answer.status == 404:
            raise CheckFailed(
                expected=f"GET /todos{query} lists todos",
                actual=seen(answer),
                help=self._why_no_list(answer),
            )
        self.require_2xx(answer, "lists todos")
        found = many_in(answer.json)
        if found is None:
            raise CheckFailed(
                expected=f"GET /todos{query} answers with a list of todos",
                actual=str(answer),
                help="The list holds no todos: a client needs whole ones, as objects."
                if isinstance(answer.json, list)
                else "The answer is no JSON list, and no object that holds one.",
            )
        if nameless := [todo for todo in found if "id" not in todo]:
            raise CheckFailed(
                expected=f"every todo in GET /todos{query} has its id",
                actual=f"there is no id in {nameless[0]}",
                help="Without the id no client can read, change or delete the todo again. What "
                "decides which fields an answer has?",
            )
        return [read(todo) for todo in found]

    def _why_no_list(self, answer: Exchange) -> str:
        """Return what to ask of a list that is not there, which may have been there before."""
        if parent := self.server.parent:
            asked = " ".join(parent.create[:2])
            return f"{asked} was answered with the id {parent.id!r}. Is that in the database?"
        others = (e for e in self.server.exchanges if (e.method, e.path) == ("GET", answer.path))
        if any(earlier.ok for earlier in others):
            return "This very request was answered before. What is gone since then?"
        return "Is there such a route? And where no todo fits, a list is an answer, too: []."

    def find(self, todo: Todo) -> Todo | None:
        """GET one todo by its id, in the list where that alone can be read.

        None where the API does not have it.
        """
        if not self.can_read_one:
            return next((each for each in self._whole_list() if each.get("id") == todo["id"]), None)
        answer = self.server.get(f"/todos/{todo['id']}")
        if answer.status >= 500:
            self.require_2xx(answer, "reads one todo")
        return self.told(answer) if answer.ok else None

    def _whole_list(self) -> Iterator[Todo]:
        """Yield what is listed, and then what the list leaves out unless it is asked for."""
        listed = self.all()
        yield from listed
        known = {todo["id"] for todo in listed}
        resource = self.server.resource
        for page in range(1, PAGES) if resource.pages and listed else ():
            told = self.server.exchanges[-1].json
            query = resource.pages and resource.pages.query(page, len(listed), told)
            more = self._more(f"/todos?{query}") if query else []
            if known.issuperset(todo.get("id") for todo in more):
                break
            known.update(todo.get("id") for todo in more)
            yield from more
        rest = [f"/todos{resource.query_of_rest}"] if resource.rest else []
        for path in (*rest, *resource.elsewhere):
            yield from self._more(path)

    def _more(self, path: str) -> list[Todo]:
        """Return what a list has that is asked for more; nothing where it refuses."""
        answer = self.server.get(path)
        return [read(todo) for todo in many_in(answer.json) or ()] if answer.ok else []

    def present(self, todos: list[Todo]) -> list[Todo]:
        """Return the given todos as the API has them now, those that it lacks left out.

        A list may be cut into pages, so what is not in it is asked for by its id.
        """
        listed = {todo.get("id"): todo for todo in self.all()}
        found = [listed.get(todo["id"]) or self.find(todo) for todo in todos]
        return [todo for todo in found if todo]

    def whole(self, todos: list[Todo]) -> list[Todo]:
        """Return the same, each with all names that it is given with.

        A list may have no more than a summary of each: what that lacks is asked for by the id.
        """
        shown = {todo["id"]: todo for todo in self.present(todos)}
        for todo in todos:
            if (part := shown.get(todo["id"])) and not todo.keys() <= part.keys():
                shown[todo["id"]] = self.find(todo) or part
        return list(shown.values())

    def must_have(self, todo: Todo, when: str, help: str) -> None:
        """Raise CheckFailed where the API lacks a todo that it has made."""
        if not self.present([todo]):
            last = self.server.exchanges[-1]
            raise CheckFailed(
                expected=f"{todo} {when}",
                actual=f"it is not there: {self.asked(last)} answers {seen(last)}",
                help=help,
            )

    def create_completed(self, title: str) -> Todo:
        """POST a todo and complete it; where POST alone can say so, have it completed by that."""
        resource = self.server.resource
        if not self.can_update(completed=True) and resource.create.carries(resource.completed):
            return self.create(title, completed=True)
        made = self.create(title)
        self.update(made, completed=True)
        return made

    def can_update(self, **changes: Any) -> bool:
        """Whether the app has a way to change this of a todo, to these values."""
        return self.server.resource.can_change(**changes)

    def possible(self, **changes: Any) -> dict[str, Any]:
        """Those of the changes that the app has a way to make."""
        return {name: value for name, value in changes.items() if self.can_update(**{name: value})}

    def by_request(self, **changes: Any) -> list[dict[str, Any]]:
        """Those of the changes that the app has a way to make, request by request."""
        possible = self.possible(**changes)
        if self.server.resource.by_change or len(possible) < 2:
            return [possible] if possible else []
        return [{name: value} for name, value in possible.items()]

    @property
    def can_delete(self) -> bool:
        """Whether the app has a way to delete a todo."""
        return self.server.resource.delete is not None

    def update(self, todo: Todo, **changes: Any) -> None:
        """PUT the todo with these changes, and as it stands where the app asks for more of it.

        In an app that completes by another request than it changes, by that. A todo whose id is
        made of its title has its new one from then on. Raises NotApplicable where the app has no
        way to do so.
        """
        if not self.can_update(**changes):
            raise self.no_way(f"changes {' and '.join(changes)} of a todo")
        path = f"/todos/{todo['id']}"
        asked = dict(changes)
        if "completed" in asked and not self.server.resource.by_change:
            state = {"completed": asked.pop("completed")}
            self._known(todo, self.server.put(path, state), "completes a todo")
        if asked:
            answer = self.put(todo, asked)
            self._known(todo, answer, "changes a todo")
            told = self._changed[path] = self.told(answer) or {}
            if is_of_title(told):
                todo["id"] = told["id"]
        self._written[todo["id"]] = {**(self._written.get(todo["id"]) or {}), **changes}

    def reopen(self, todo: Todo) -> Exchange:
        """Take back that a todo is completed. The answer: an app may refuse that."""
        path, state = f"/todos/{todo['id']}", {"completed": False}
        by_change = self.server.resource.by_change
        return self.put(todo, state) if by_change else self.server.put(path, state)

    def put(self, todo: Todo, changes: dict[str, Any]) -> Exchange:
        """PUT the todo with these changes, and as it stands where the app asks for more of it.

        The answer, whatever its status.
        """
        path = f"/todos/{todo['id']}"
        stands = {**todo, **self._changed.get(path, {}), self.server.resource.id: todo["id"]}
        body = {"title": todo.get("title"), "completed": todo.get("completed", False), **changes}
        answer = self.server.put(path, body)
        change = self.server.resource.change
        within = change.within if change else None
        if (more := missing(answer, within)) and more <= stands.keys():
            answer = self.server.put(path, {**{name: stands[name] for name in more}, **body})
        return answer

    def delete(self, todo: Todo) -> None:
        """DELETE the todo. Raises NotApplicable where the app has no way to do so."""
        if not self.can_delete:
            raise self.no_way("deletes a todo")
        self._known(todo, self.server.delete(f"/todos/{todo['id']}"), "deletes a todo")
        self._written[todo["id"]] = None

    def no_way(self, does: str) -> NotApplicable:
        """Return what to raise where the app has no request that does this."""
        return NotApplicable(f"a request that {does}", f"{self.server.resource}")

    def must_have_written(self) -> None:
        """Raise CheckFailed where a write was answered 2xx and had no effect.

        For a check that has seen something wrong: before it says what may be the cause.
        """
        listed = {todo["id"]: todo for todo in self.all()}
        for id, changes in self._written.items():
            now = listed.get(id)
            if changes is None and now:
                raise self._without_effect("DELETE", id, "the todo is still listed")
            if changes is None or now is None:
                continue
            for name, value in changes.items():
                if now.get(name) != value:
                    raise self._without_effect(
                        "PUT", id, f"its {name} is {now.get(name)!r}, not {value!r}"
                    )

    def _without_effect(self, method: str, id: object, actual: str) -> CheckFailed:
        own, path, _ = self.server.resource.own_request((method, f"/todos/{id}", None))
        return CheckFailed(
            expected=f"{own} {path} does what its 2xx says",
            actual=f"{own} was answered 2xx, and {actual}",
            help=f"What does the function that answers {own} do with the row?",
        )

    def _known(self, todo: Todo, answer: Exchange, does: str) -> None:
        """Raise CheckFailed where the answer about a todo that was made is no 2xx."""
        if answer.status == 404 and not answer.crash:
            raise CheckFailed(
                expected=f"{self.asked(answer)} {does}",
                actual=seen(answer),
                help=f"{self.server.resource.create} has answered with this id, {todo['id']}. Is "
                "the todo in the database as well, by the time of that answer, or in the answer "
                "alone?",
            )
        self.require_2xx(answer, does)

    def require_2xx(self, answer: Exchange, does: str) -> None:
        """Raise CheckFailed where the answer is no 2xx; NotApplicable where there were too many."""
        if answer.status == TOO_MANY and not answer.crash:
            raise NotApplicable(
                "an API that answers as many requests as a check sends",
                f"{self.asked(answer)}, which has a limit, and answered {answer}. Where the limit "
                "is read from the environment, a .env beside the code can raise it for the lab",
            )
        refused = self.server.database_errors() if answer.status >= 500 else []
        in_memory = self.server.dialects() == {"sqlite"} and not self.server.databases()
        crash = refused[-1] if refused else None
        require_2xx(answer, does, crash, in_memory=in_memory, asked=self.asked(answer))

    def asked(self, answer: Exchange) -> str:
        """Return the app's own request that was answered so."""
        own = self.server.resource.own_request((answer.method, answer.path, answer.sent))
        return " ".join(own[:2])

    def clear(self) -> None:
        """Delete every todo that is listed, page by page."""
        before: set[object] = set()
        while todos := self.all():
            for todo in todos:
                if todo["id"] in before:
                    raise self._without_effect("DELETE", todo["id"], "the todo is still listed")
                self.delete(todo)
            before.update(todo["id"] for todo in todos)


def require_2xx(
    answer: Exchange,
    does: str,
    refused: Crash | None = None,
    *,
    in_memory: bool = False,
    asked: str | None = None,
) -> None:
    """Raise CheckFailed where the answer is no 2xx.

    `refused` is what the database refused meanwhile, also where the app has caught it;
    `in_memory` whether it is in no file; `asked` the app's own request, where it is known.
    """
    if answer.ok:
        return
    hidden = f" after the database refused: {refused}" if refused and not answer.crash else ""
    raise CheckFailed(
        expected=f"{asked or f'{answer.method} {answer.path}'} {does}",
        actual=seen(answer) + hidden,
        help=explain(answer, refused, in_memory=in_memory),
    )


def seen(answer: Exchange) -> str:
    """Return an answer in words: status, body and, of an error in the app, its line.

    With debug=True the body has no more than the traceback, which is in the log.
    """
    if not answer.crash:
        return str(answer)
    return f"{answer.status if TRACEBACK in answer.text else answer}: {answer.crash}"


def missing(answer: Exchange, within: str | None = None) -> set[str]:
    """Return the fields that FastAPI asks for, where it refuses a request for nothing else.

    They are in its body, or there `within` the one name that has all of it.
    """
    found = faults(answer.json) if answer.status == 422 else []
    inside = ["body", within] if within else ["body"]
    fields = {p[-1] for kind, p in found if kind == "missing" and p[:-1] == inside}
    return fields if len(fields) == len(found) else set()


def kept(todo: Todo) -> Todo:
    """Of a todo, what must stay the same over a restart."""
    return {name: todo[name] for name in KEPT if name in todo}
