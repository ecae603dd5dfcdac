"""The buttons of a board: real requests, real signals, each told with its command."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from lab.answers import todos_in
from lab.appserver.answer_body import Unanswered
from lab.appserver.client import Answer, Client
from lab.appserver.curl import curl
from lab.appserver.discovery.documented import Documented
from lab.appserver.discovery.openapi import Document
from lab.appserver.discovery.todo_list import read
from lab.appserver.served import Served
from lab.board.ring import PageEvent, now
from lab.board.site import Action, Refused
from lab.watch.serving import Order, Orders
from lab.workspace.operations import Request
from lab.workspace.resource import TODOS, Resource
from lab.workspace.workspace import Workspace

AT_ONCE = 30
SECONDS = 40.0  # to an answer: a request waits 30 s for a connection, where the pool has none
TITLES = ("Buy milk", "Walk the dog", "Call Ada", "Water the plants", "Read the notes", "Sleep")
LONGEST = 200  # characters of a title
BUSY = 6  # requests of the board that may wait at once, or as many crowds of them


class Buttons:
    """The buttons of a board. What each comes to, the page learns as everybody does: by events."""

    def __init__(
        self,
        server: Served,
        workspace: Workspace,
        orders: Orders,
        tell: Callable[[PageEvent], None],
    ) -> None:
        self._server = server
        self._workspace = workspace
        self._orders = orders
        self._tell = tell
        self._made = 0
        self._resource: Resource | None = None
        self._free = threading.BoundedSemaphore(BUSY)

    @property
    def actions(self) -> Mapping[str, Action]:
        """What the page may ask for, by name."""
        return {
            "create": self._create,
            "list": lambda given: self._send("list", ("GET", TODOS, None)),
            "complete": self._complete,
            "delete": self._delete,
            "crowd": self._crowd,
            "stop": lambda given: self._order("stop", "Ctrl+C"),
            "kill": lambda given: self._order("kill", "kill -9"),
            "start": lambda given: self._order("start", "lab serve"),
            "delete_database": self._delete_database,
        }

    def started(self) -> None:
        """Forget what the last process has offered: another one may offer something else."""
        self._resource = None

    # -- requests ----------------------------------------------------------------------------

    def _create(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        title = str(given.get("title") or "").strip()[:LONGEST]
        if not title:
            title = TITLES[self._made % len(TITLES)]
            self._made += 1
        return self._send("create", ("POST", TODOS, {"title": title}))

    def _complete(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self._offered().can_change(completed=True):
            raise Refused("This API has no request that completes a todo.")
        pending = [todo for todo in self._listed() if not todo.get("completed")]
        if not pending:
            raise Refused("There is no todo to complete: create one.")
        change = {"completed": True}
        return self._send("complete", ("PUT", f"{TODOS}/{pending[0]['id']}", change))

    def _delete(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._offered().delete is None:
            raise Refused("This API has no request that deletes a todo.")
        todos = self._listed()
        if not todos:
            raise Refused("There is no todo to delete: create one.")
        return self._send("delete", ("DELETE", f"{TODOS}/{todos[-1]['id']}", None))

    def _crowd(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._client() as client:
            request: Request = ("GET", TODOS, None)
            command = curl(*self._offered().own_request(request), self._address)
            command = f"{command}  # {AT_ONCE} at once"
            self._did("crowd", command)
            answers = client.at_once([request] * AT_ONCE, SECONDS)
        counted: dict[str, int] = {}
        for _, answer in answers:
            said = str(answer.status) if isinstance(answer, Answer) else "no answer"
            counted[said] = counted.get(said, 0) + 1
        words = ", ".join(f"{count} times {said}" for said, count in sorted(counted.items()))
        return {"command": command, "said": words}

    def _listed(self) -> list[dict[str, Any]]:
        """Ask for the list of todos, in the words of the exercises: that tells their ids."""
        with self._client() as client:
            try:
                answer = client.send("GET", TODOS, None, SECONDS)
            except Unanswered as problem:
                raise Refused(f"No answer: {problem}.") from problem
        todos = todos_in(self._offered().said_in(answer.json)) or []
        return [todo for todo in todos if "id" in todo]

    def _send(self, name: str, request: Request) -> Mapping[str, Any]:
        with self._client() as client:
            command = curl(*self._offered().own_request(request), self._address)
            self._did(name, command)
            try:
                answer = client.send(*request, SECONDS)
            except Unanswered as problem:
                return {"command": command, "said": f"no answer: {problem}"}
        return {"command": command, "said": str(answer.status)}

    @contextmanager
    def _client(self) -> Iterator[Client]:
        if not self._server.running:
            raise Refused("Your API does not run: start it.")
        if not self._free.acquire(blocking=False):
            raise Refused("So many requests wait for their answers already.")
        try:
            with closing(
                Client(self._server.port, self._offered().own_request, self._address)
            ) as client:
                yield client
        finally:
            self._free.release()

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def _offered(self) -> Resource:
        """Return what the app offers; what the exercises say, where its documents do not tell."""
        if self._resource is None:
            workspace = self._workspace
            self._resource = workspace.resource
            if workspace.app is not None:  # else the lab has made it
                named = workspace.todos if workspace.todos != TODOS else None
                found = read(self._documents(), named)
                if isinstance(found, Documented):
                    self._resource = found.resource
        return self._resource

    def _documents(self) -> list[Document]:
        found = []
        with closing(Client(self._server.port)) as client:
            for mount, path in self._server.documents:
                try:
                    content = client.send("GET", path, None, SECONDS).json
                except Unanswered:
                    continue
                found.append(Document(content if isinstance(content, dict) else {}, mount))
        return found

    # -- signals -----------------------------------------------------------------------------

    def _order(self, order: Order, command: str) -> Mapping[str, Any]:
        running = self._server.running
        if order == "start" and running:
            raise Refused("Your API runs already.")
        if order in ("stop", "kill") and not running:
            raise Refused("Your API does not run.")
        self._did(order, command)
        self._orders.given.put(order)
        return {}

    def _delete_database(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if given.get("confirmed") is not True:
            raise Refused("Nothing is deleted without a yes.")
        self._did("delete_database", f"rm {' '.join(self._server.databases())}")
        self._orders.given.put("delete")
        return {}

    def _did(self, name: str, command: str) -> None:
        self._tell({"kind": "button", "at": now(), "name": name, "command": command})
