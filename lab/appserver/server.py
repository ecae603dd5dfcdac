"""A learner's app as a real server: driven over HTTP, restarted, looked into."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Unpack

from lab.answers import one_in
from lab.appserver import failures
from lab.appserver.at_once import threads
from lab.appserver.burst import Burst
from lab.appserver.client import Answer, Client, Late, Unanswered
from lab.appserver.inspection import InspectedProcess
from lab.appserver.launchers import Launcher
from lab.appserver.locked import locked
from lab.appserver.log import Log
from lab.appserver.login import token_in
from lab.appserver.openapi import Document, inside
from lab.appserver.probe_events import Event, crash_of
from lab.appserver.process import Options, is_outside
from lab.appserver.timeouts import AGAIN_SECONDS, ANSWER_SECONDS, Timeouts
from lab.appserver.todo_fields import id_among
from lab.model import AppFailed, Crash, Exchange
from lab.workspace.operations import Parent, Request
from lab.workspace.resource import TODOS, Resource

STILL_SECONDS = 1.5  # without any event of a request: it waits for something
LOOK_SECONDS = 0.05  # between two looks at whether anything has come of it
NOW_SECONDS = 0.1  # between two answers that are sent one right after the other
AT_ONCE_SECONDS = 0.1  # more for each of many requests at once
COMMIT, LOCK = "commit", "lock"  # moments at which a request can be held
FINISH_SECONDS = 5.0  # in all, for what requests do after their answers: mostly nothing


@dataclass(frozen=True)
class Interleaved:
    """Two requests, of which one was held while the other one was sent."""

    held: Exchange
    other: Exchange
    stood: bool  # the one came to the moment; else it was over before the other one was sent
    can_wait: bool  # it could be held there: it does not block the event loop
    waited: bool  # the other one could not finish before the held one went on
    request: int | None  # the probe's number of the held one
    events: tuple[Event, ...]


def _ends(sent: Future[Answer]) -> bool:
    """Whether a request ends by itself now, a lock in its way or not."""
    return bool(wait([sent], NOW_SECONDS).done)


def _id_in(answer: Answer, parent: Parent) -> Any:
    """Return the id in an answer about what todos belong to; None where it has none."""
    names = one_in(answer.json) or {}
    return names.get(id_among(list(names), parent.names)) if 200 <= answer.status < 300 else None


class Server(InspectedProcess):
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
        self._client: Client | None = None
        self._finishing = FINISH_SECONDS

    def start(self) -> None:
        """Start a process, or go on with a start that was begun, and return when it serves."""
        super().start()
        self._client = Client(self._port, lambda request: self.resource.own_request(request))
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

        A user who is not there yet is registered first. Returns what was answered last, in words,
        where no token came of it; else None.
        """
        login, refusal = self.resource.login, None
        if login is None:
            return None
        steps = [*login.ways, *([login.register, *login.ways] if login.register else ())]
        for step in steps:
            assert self._client
            try:
                seconds = self._left(self.timeouts.seconds(*step[:2]))
                answer = self._client.send_own(step, seconds)
            except Unanswered as problem:
                if refused := failures.refused(self.events):
                    raise refused from problem
                return f"{' '.join(step[:2])} had {problem}"  # what is asked for next will tell
            self._answered += answer.requests
            if 200 <= answer.status < 300 and self._client.enter(token_in(answer.json)):
                return None
            refusal = f"{' '.join(step[:2])} answered {answer.status}"
        return refusal

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

    def restart(self, *, kill: bool = False) -> None:
        """Stop the process, or kill it once its requests are done, and start a new one."""
        if kill:
            self._finish()
            self.kill()
        else:
            self.stop()
        self._keep_files()
        self.start()

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

    def at_once(self, requests: list[Request]) -> list[Exchange]:
        """Send all requests at the same time; the answers, in the order of the requests."""
        assert self._client, "the server does not run"
        self._finish()
        began = self.log.size()
        seconds = self._left(ANSWER_SECONDS * 2 + len(requests) * AT_ONCE_SECONDS)
        self.events.gather(len(requests), seconds)
        answered = []
        for request, answer in self._client.at_once(requests, seconds):
            if isinstance(answer, Unanswered):
                raise self._no_answer(" ".join(request[:2]), answer, began)
            self._answered += answer.requests
            answered.append((request, answer))
        if any(answer.status >= 500 for _, answer in answered):
            self._finish()  # once for all of them: what each of them has to do may take long
        crashes = self._crashes()
        return [
            self._exchange(
                request, answer, crash=crashes.get(answer.port) if answer.status >= 500 else None
            )
            for request, answer in answered
        ]

    def _crashes(self) -> dict[int, Crash | None]:
        """Return the error of each request that the process has told of, by the client's port."""
        return {event["port"]: crash_of(event["crash"]) for event in self.events.all("done")}

    def interleave(self, held: Request, moment: str, other: Request) -> Interleaved:
        """Send `held`, and while it waits at this moment of its own, `other`.

        It goes on when the other one is answered, or stands still, as where it waits for a lock.
        At the moment LOCK it is the database that it waits for: the lab holds the write lock.
        """
        client, events = self._client, self.events
        assert client, "the server does not run"
        self.settle()
        since, seconds = len(events), self._left(ANSWER_SECONDS * 2)
        earlier = self._answered  # the number of the last request: its end may be told late
        locks = moment == LOCK
        files = [path for path in self.databases() if path.exists()] if locks else []
        events.hold_next(COMMIT if locks else moment, seconds)  # "reached" tells of a write before
        # What is sent elsewhere first is done, and has not been where it waits.
        comes = ("reached",) if locks else ("held", "done")
        with threads(2) as pool, locked(files) as unlock:
            first = pool.submit(client.send, *held, seconds)
            came = events.wait(
                # Of raw SQL, or a lock that is taken at the beginning, nobody tells.
                STILL_SECONDS if locks else seconds,
                lambda event: event["event"] in comes and event["request"] > earlier,
                since,
            )
            if locks:
                events.release()  # from here on, nothing but the lock is in its way
            stood = came["event"] != "done" if came else locks and not first.done()
            second = pool.submit(client.send, *other, seconds)
            try:
                waited = stood and (self._stands_still(second) or (locks and _ends(first)))
            finally:
                unlock()
                events.release()
            try:
                answers = [first.result(), second.result()]
            except Unanswered as problem:
                raise self._no_answer("one of two requests", problem, 0) from problem
        self._answered += sum(answer.requests for answer in answers)
        self.settle()
        exchanges = [
            self._exchange(request, answer)
            for request, answer in zip((held, other), answers, strict=True)
        ]
        can_wait = locks or bool(came and came.get("can_wait"))
        request = came["request"] if came else None
        seen = tuple(events.all()[since:])
        return Interleaved(exchanges[0], exchanges[1], stood, can_wait, waited, request, seen)

    def _stands_still(self, sent: Future[Answer]) -> bool:
        """Whether a request that was sent comes no further, a lock in its way, say."""
        seen, since = len(self.events), time.monotonic()
        # The answer comes after its last event: who waits for one more event may see it too late.
        while not wait([sent], LOOK_SECONDS).done:
            if len(self.events) != seen:
                seen, since = len(self.events), time.monotonic()
            elif time.monotonic() - since > STILL_SECONDS:
                return True
        return False

    def kill_during(self, writes: Iterator[Request], answers: int) -> list[Exchange]:
        """Send `writes` from several clients at once and SIGKILL in the middle.

        Returns the exchanges that were answered by then: at least `answers`, where the writes
        suffice.
        """
        client, process = self._client, self._process
        assert client and process, "the server does not run"
        self._finish()
        with Burst(client, writes) as burst:
            burst.wait(answers, self._left(ANSWER_SECONDS))
            process.destroy()
        self.events.wait_closed(1.0)  # all that it has told is read then
        crashes = self._crashes()
        self.kill()
        self._keep_files()
        return [
            self._exchange(request, answer, crash=crashes.get(answer.port))
            for request, answer in burst.answered
        ]

    @contextmanager
    def beside(self, *, starts: bool = True) -> Iterator[Server]:
        """Give a second process of the app, on the same folder and database.

        What it is asked is among the exchanges of this server as well: both are one app.
        """
        options: Options = {"database_url": self.database_url, "collect": self.collect}
        timeouts = self.timeouts
        with Server(self.folder, self.launcher, self.app, timeouts=timeouts, **options) as second:
            second.log = Log(
                self.folder,
                self.database_url,
                self.folder.with_name(f"{self.folder.name}-beside.log"),
            )
            second.resource, second.exchanges = self.resource, self.exchanges
            second.parent = self.parent
            second.cwd, second._deadline = self.cwd, self._deadline
            if starts:
                second.start()
            yield second

    def end_with_success(self) -> None:
        """Have the process end itself, as SIGKILL does, in the moment of its next 2xx.

        A kill from here would come later, and what runs after the answer might have been done.
        """
        self._finish()
        self.events.end_with_success(self._left(ANSWER_SECONDS))

    def documents(self) -> list[Document]:
        """Return the OpenAPI documents of the app and of those that are mounted in it."""
        return [
            Document(inside(self.get(path).json), mount, self.resource)
            for mount, path in self._documents
        ]

    def document(self) -> Document:
        """Return the document that has the todos, else the app's own; an empty one without any."""
        found = self.documents()
        has = (each for each in found if each.post(TODOS) is not None)
        return next(has, found[0] if found else Document())

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
