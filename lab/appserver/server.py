"""A learner's app as a real server, driven over HTTP and looked into."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from lab.appserver.client import Answer, Late, Unanswered
from lab.appserver.openapi import Document, inside
from lab.appserver.probe_events import Connection, checked_out, crash_of
from lab.appserver.process import Serving
from lab.appserver.timeouts import ANSWER_SECONDS
from lab.dbserver.lending import disconnect
from lab.model import Crash, Exchange
from lab.workspace import databases
from lab.workspace.resource import TODOS, Request


class Server(Serving):
    """A served folder that answers requests, and whose probe and files can be read."""

    # -- HTTP --------------------------------------------------------------------------------

    def request(self, method: str, path: str, body: Any = None) -> Exchange:
        """Send one request and return the answer, whatever its status."""
        exchange = self._send(method, path, body)
        self.exchanges.append(exchange)
        return exchange

    def get(self, path: str) -> Exchange:
        """GET `path`."""
        return self.request("GET", path)

    def post(self, path: str, body: Any) -> Exchange:
        """POST `body` as JSON."""
        return self.request("POST", path, body)

    def put(self, path: str, body: Any) -> Exchange:
        """PUT `body` as JSON."""
        return self.request("PUT", path, body)

    def delete(self, path: str) -> Exchange:
        """DELETE `path`."""
        return self.request("DELETE", path)

    def _send(self, method: str, path: str, body: Any) -> Exchange:
        assert self._client and self._events, "the server does not run"
        self._finish()
        began, since = self.log.size(), len(self._events)
        try:
            seconds = self._left(self._patience.seconds(method, path))
            answer = self._client.send(method, path, body, seconds, self._busy)
        except Unanswered as problem:
            if isinstance(problem, Late):
                self._patience.lose(method, path)
            raise self._no_answer(f"{method} {path}", problem, began) from problem
        self._answered += answer.requests
        crash = None
        if answer.status >= 500:
            crash = self._crash_of(answer.port, since)
        return self._exchange((method, path, body), answer, self.log.text(began), crash)

    def _crash_of(self, port: int, since: int) -> Crash | None:
        assert self._events
        done = self._events.wait(
            1.0, lambda event: event["event"] == "done" and event["port"] == port, since
        )
        if not done or not done["crash"]:
            return None
        # The server writes its traceback to the log after it has answered with 500.
        self._events.wait(1.0, lambda event: event["event"] == "logged", since)
        return crash_of(done["crash"])

    def at_once(self, requests: list[Request]) -> list[Exchange]:
        """Send all requests at the same time; the answers, in the order of the requests."""
        assert self._client, "the server does not run"
        self._finish()
        began = self.log.size()
        seconds = self._left(ANSWER_SECONDS * 2)
        exchanges = []
        for request, answer in self._client.at_once(requests, seconds):
            if isinstance(answer, Unanswered):
                raise self._no_answer(" ".join(request[:2]), answer, began)
            self._answered += answer.requests
            exchanges.append(self._exchange(request, answer))
        return exchanges

    def kill_during(self, writes: Iterator[Request], answers: int) -> list[Exchange]:
        """Send `writes` from several clients at once and SIGKILL in the middle.

        Returns the exchanges that were answered by then: at least `answers`, where the writes
        suffice.
        """
        client, process = self._client, self._process
        assert client and process, "the server does not run"
        self._finish()
        with client.burst(writes) as burst:
            burst.wait(answers, self._left(ANSWER_SECONDS))
            process.destroy()
        self.kill()
        self._keep_files()
        return [self._exchange(request, answer) for request, answer in burst.answered]

    def drop_connections(self) -> int:
        """End every connection of the app to the database that it was lent; how many there were."""
        assert self.database_url, "the app has a database on a server"
        # One that is on its way back would be found dead by the pool, and not by a request.
        self.connections_out()
        return disconnect(self.database_url)

    def end_with_success(self) -> None:
        """Have the process end itself, as SIGKILL does, in the moment of its next 2xx.

        A kill from here would come later, and what runs after the answer might have been done.
        """
        self._finish()
        self.events.end_with_success(self._left(ANSWER_SECONDS))

    def documents(self) -> list[Document]:
        """The OpenAPI documents of the app and of those that are mounted in it."""
        return [
            Document(inside(self.get(path).json), mount, self.resource)
            for mount, path in self._documents
        ]

    def document(self) -> Document:
        """The document that has the todos, else the app's own; an empty one without any."""
        found = self.documents()
        has = (each for each in found if each.post(TODOS) is not None)
        return next(has, found[0] if found else Document())

    # -- looking in --------------------------------------------------------------------------

    def settle(self) -> bool:
        """Whether every request is done, what comes after its answer included, within 2 s."""
        return self.events.settle(self._answered, 2.0)

    def connections_out(self, grace: float = 0.5) -> tuple[Connection, ...]:
        """The connections that are checked out once every request is done.

        Code after a dependency's `yield` may run after the response, so up to `grace` seconds
        are given to what is on its way back.
        """
        events = self.events
        self.settle()
        deadline = time.monotonic() + grace
        while (out := checked_out(events.all())) and (left := deadline - time.monotonic()) > 0:
            events.wait(left, lambda event: event["event"] == "checkin", len(events))
        return out

    def models(self) -> list[dict[str, Any]]:
        """The mapped classes: name, table and columns, as SQLAlchemy knows them."""
        sent = self.events.all("models")
        return list(sent[-1]["models"]) if sent else []

    def database_errors(self) -> list[Crash]:
        """What the database refused, also where the app caught the error."""
        self.settle()
        crashes = (crash_of(event["crash"]) for event in self.events.all("database_error"))
        return [crash for crash in crashes if crash]

    def delete_databases(self) -> list[str]:
        """Delete the app's databases, also under a running server. Returns their names."""
        if self.running:
            # While one is on its way back, the next request opens another: on a new, empty file.
            self.connections_out()
        found = [path for path in self.databases() if path.exists()]
        for path in found:
            databases.remove(path)
        return [path.relative_to(self.folder).as_posix() for path in found]

    def _exchange(
        self, request: Request, answer: Answer, log: str = "", crash: Crash | None = None
    ) -> Exchange:
        return Exchange(
            *request,
            answer.curl,
            answer.status,
            answer.text,
            answer.seconds,
            log,
            crash,
            self.resource.said_in,
        )
