"""A learner's app as a real server: driven over HTTP, restarted, looked into."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass

from lab.appserver.answer_body import Unanswered
from lab.appserver.at_once import threads
from lab.appserver.burst import Burst
from lab.appserver.client import Answer
from lab.appserver.discovery.openapi import Document, inside
from lab.appserver.http_process import HttpProcess
from lab.appserver.locked import being_read, locked
from lab.appserver.log import Log
from lab.appserver.probe_events import Event, crash_of
from lab.appserver.process import Options
from lab.appserver.timeouts import ANSWER_SECONDS
from lab.model import Crash, Exchange
from lab.workspace.operations import Request
from lab.workspace.resource import TODOS

STILL_SECONDS = 1.5  # without any event of a request: it waits for something
LOOK_SECONDS = 0.05  # between two looks at whether anything has come of it
NOW_SECONDS = 0.1  # between two answers that are sent one right after the other
AT_ONCE_SECONDS = 0.1  # more for each of many requests at once
# Moments at which a request can be held.
COMMIT, READ_BACK, TABLE = "commit", "read_back", "table"
LOCK, READ = "lock", "read"


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


class Server(HttpProcess):
    """A served folder that is restarted, killed in the middle, and asked much at once."""

    def restart(self, *, kill: bool = False, by: signal.Signals = signal.SIGTERM) -> None:
        """Stop the process, or kill it once its requests are done, and start a new one."""
        if kill:
            self._finish()
            self.kill()
        else:
            self.stop(by=by)
        self._keep_files()
        self.start()

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
        At the moment LOCK it is the database that it waits for: the lab holds the write lock. At
        READ it is that, too, before its COMMIT: the lab reads, where there is no write-ahead log.
        """
        client, events = self._client, self.events
        assert client, "the server does not run"
        self.settle()
        since, seconds = len(events), self._left(ANSWER_SECONDS * 2)
        earlier = self._answered  # the number of the last request: its end may be told late
        locks = moment in (LOCK, READ)
        holding = being_read if moment == READ else locked
        files = [path for path in self.databases() if path.exists()] if locks else []
        events.hold_next(COMMIT if locks else moment, seconds)  # "reached" tells of a write before
        # What is sent elsewhere first is done, and has not been where it waits.
        comes = {LOCK: ("reached",), READ: ("held",)}.get(moment, ("held", "done"))
        with threads(2) as pool, holding(files) as unlock:
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
                if came and stood and not (waited or locks):
                    done = {*range(earlier + 1), came["request"]}
                    events.wait(  # for what it does after its answer as well
                        STILL_SECONDS,
                        lambda event: event["event"] == "done" and event["request"] not in done,
                        since,
                    )
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
            second.parent, second.kept = self.parent, self.kept
            second.cwd, second._deadline = self.cwd, self._deadline
            if starts:
                second.start()
            yield second

    def end_with_success(self) -> None:
        """Have the process end itself, as SIGKILL does, in the moment of its next 2xx to a write.

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
