"""A learner's app as a process that answers requests: logged in, and one at a time."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from lab.answers import one_in
from lab.appserver import failures
from lab.appserver.answer_body import Late, Unanswered
from lab.appserver.client import Answer, Client, Kept
from lab.appserver.discovery.login import token_in
from lab.appserver.discovery.openapi import inside
from lab.appserver.discovery.todo_fields import id_among
from lab.appserver.inspection import InspectedProcess
from lab.appserver.launchers import Launcher
from lab.appserver.probe_events import crash_of
from lab.appserver.process import Options, is_outside
from lab.appserver.timeouts import AGAIN_SECONDS, Timeouts
from lab.model import AppFailed, Crash, Exchange
from lab.workspace.operations import Parent, Request
from lab.workspace.resource import TODOS, Resource

FINISH_SECONDS = 5.0  # in all, for what requests do after their answers: mostly nothing


def _id_in(answer: Answer, parent: Parent) -> Any:
    """Return the id in an answer about what todos belong to; None where it has none."""
    names = one_in(answer.json) or inside(answer.json)  # its id may have another name
    return names.get(id_among(list(names), parent.names)) if 200 <= answer.status < 300 else None


class HttpProcess(InspectedProcess):
    """A served folder that answers requests.

    `todos` is the app's path for what every request here calls /todos.
    """

    def __init__(
        self,
        folder: Path,
        launcher: Launcher,
        app: str | None = None,
        *,
        todos: str = TODOS,
        timeouts: Timeouts | None = None,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(folder, launcher, app, **options)
        self.resource = Resource.at(todos)
        self.exchanges: list[Exchange] = []
        self.parent: Parent | None = None  # what todos belong to, once it is in the database
        self.timeouts = timeouts or Timeouts()
        self.kept = Kept()
        self._client: Client | None = None
        self._finishing = FINISH_SECONDS

    def start(self) -> None:
        """Start a process, or go on with a start that was begun, and return when it serves."""
        super().start()
        self._client = Client(
            self._port, lambda request: self.resource.own_request(request), kept=self.kept
        )
        self.set_up()

    def set_up(self) -> None:
        """Log in, and make what todos belong to, where the app has that.

        What is there by now, after a restart say, stays.
        """
        self.log_in()
        parent = self.resource.parent
        if parent and self.parent is None and not self._has(parent):
            self.make_parent(parent)
        if parent and self.parent:
            self.resource = self.resource.belonging_to(self.parent)

    def _has(self, parent: Parent) -> bool:
        """Whether the app has this one, which another process of it may have made."""
        found = _id_in(self._sent_own(("GET", parent.path, None)), parent)
        self.parent = parent if found is not None and found == parent.id else None
        return self.parent is not None

    def delete_databases(self) -> list[str]:
        """Delete the app's databases, also under a running server. Returns their names."""
        self.parent = None  # it may have been in one of them
        return super().delete_databases()

    def make_parent(self, parent: Parent) -> Exchange:
        """Make what todos belong to, and return the answer."""
        answer = self._sent_own(parent.create)
        if (made := _id_in(answer, parent)) is not None:
            self.parent = replace(parent, id=made)
        return self._exchange(parent.create, answer)

    def _sent_own(self, request: Request) -> Answer:
        """Send a request in the app's own words, and return its answer."""
        assert self._client, "the server does not run"
        method, path, _ = request
        try:
            answer = self._client.send_own(request, self._left(self.timeouts.seconds(method, path)))
        except Unanswered as problem:
            raise self._no_answer(f"{method} {path}", problem, 0) from problem
        self._answered += answer.requests
        return answer

    def log_in(self) -> str | None:
        """Log in as a user of the lab's own, where the app has a login.

        A user who is not there yet is registered first. Returns what was answered, in words,
        where no token came of it; else None.
        """
        login, told = self.resource.login, dict[str, str]()
        if login is None:
            return None
        steps = [*login.ways, *([login.register, *login.ways] if login.register else ())]
        for step in steps:
            assert self._client
            since, asked = len(self.events), " ".join(step[:2])
            told.pop(asked, None)  # so that what was answered last comes last
            try:
                seconds = self._left(self.timeouts.seconds(*step[:2]))
                answer = self._client.send_own(step, seconds)
            except Unanswered as problem:
                if refused := failures.refused(self.events):
                    raise refused from problem
                return f"{asked} had {problem}"  # what is asked for next will tell
            self._answered += answer.requests
            ok = 200 <= answer.status < 300
            if ok and self._client.enter(token_in(answer.json)):
                return None
            if not ok or step != login.register:
                crash = self._crash_of(answer, since)
                said = f"{answer.status}: {crash}" if crash else f"{answer.status} {answer.text}"
                told[asked] = f"{asked} answered {said}".rstrip()
        return "; ".join(told.values())

    def kill(self) -> None:
        """End the process at once, with SIGKILL, and whatever it started. Safe to repeat."""
        client, self._client = self._client, None
        super().kill()
        if client:
            client.close()

    def begin_anew(self, seconds: float) -> None:
        """Let somebody else use the running process, for `seconds` from now."""
        super().begin_anew(seconds)
        self.parent = None
        self.exchanges = []
        self._at_restart = {}
        self._finishing = FINISH_SECONDS

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
            seconds = self._left(self.timeouts.seconds(method, path))
            answer = self._client.send(method, path, body, seconds, self._busy)
        except Unanswered as problem:
            if isinstance(problem, Late):
                if seconds < AGAIN_SECONDS:  # all that the check had left: it tells of no request
                    raise failures.out_of_time() from problem
                self.timeouts.shorten(method, path)
            raise self._no_answer(f"{method} {path}", problem, began) from problem
        self._answered += answer.requests
        crash = self._crash_of(answer, since)
        return self._exchange((method, path, body), answer, self.log.text(began), crash)

    def _crash_of(self, answer: Answer, since: int) -> Crash | None:
        """Return the error that ended a request, from what came after `since` events."""
        if answer.status < 500:
            return None
        done = self.events.wait(
            1.0, lambda event: event["event"] == "done" and event["port"] == answer.port, since
        )
        if not done or not done["crash"]:
            return None
        # The server writes its traceback to the log after it has answered with 500.
        self.events.wait(1.0, lambda event: event["event"] == "logged", since)
        return crash_of(done["crash"])

    def _finish(self) -> None:
        """Wait until what requests do after their answers is done, as a commit may be.

        FastAPI has run what follows a dependency's `yield` before the answer or after it, version
        by version; whether it makes a difference to a client is the matter of `persist` alone.
        """
        began = time.monotonic()
        self.events.settle(self._answered, self._left(self._finishing))
        self._finishing -= time.monotonic() - began

    def _no_answer(self, request: str, problem: Unanswered, began: int) -> AppFailed:
        assert self._events
        self._finishing = 0.0  # this request may never be done
        code, busy = self._state(alive=True)
        if isinstance(problem, Late):
            busy = busy or problem.busy
        if refused := failures.refused(self._events):
            return refused
        outside = self._events.wait(0, is_outside)
        log = self.log.text(began)
        return failures.no_answer(request, str(problem), problem.remedy, code, outside, busy, log)

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
