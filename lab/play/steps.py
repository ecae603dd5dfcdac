"""Runs declared steps on a server, and yields what happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice
from typing import Any

from lab import scenario as s
from lab.model import Crash, Exchange
from lab.play.played import (
    Burst,
    Crowded,
    Drifted,
    Event,
    Measured,
    RowsShown,
    Said,
    Seen,
    Sent,
    SourceShown,
    Started,
    Stopped,
)
from lab.server.events import crash_of
from lab.server.server import Server
from lab.server.tables import drift, rows_of
from lab.workspace import databases

BURST_WRITES = 2000  # far more than any machine answers before the kill


class Runner:
    """Runs the steps of one play on one server, and remembers what was seen in each part.

    `predict` and `leave` are what the steps of these names come to.
    """

    def __init__(
        self,
        server: Server,
        *,
        predict: Callable[[], None],
        leave: Callable[[], None],
    ) -> None:
        self.server = server
        self.seen = Seen()
        self.models: list[dict[str, Any]] = []  # as the app had them at its last start
        self._predict = predict
        self._leave = leave
        self._runs = False
        self._has_run = False

    def next_part(self) -> None:
        """From here on, what was seen so far is what was before."""
        self.seen = Seen(earlier=self.seen)

    def run(self, steps: Sequence[s.Step]) -> Iterator[Event]:
        """Run the steps. Raises AppFailed where the app does not start, dies or gives no answer."""
        for step in steps:
            for event in self._step(step):
                yield self.note(event)

    def note(self, event: Event) -> Event:
        """Remember an event of this part, and return it."""
        self.seen = Seen((*self.seen.events, event), self.seen.earlier)
        return event

    def stop(self) -> None:
        """End the server, where it runs, without a word."""
        self.server.kill()
        self._runs = False

    def start(self, collect: bool = True, pool_timeout: float | None = None) -> Started:
        """Start the server; where it runs, stop it first."""
        server, again = self.server, self._has_run
        if self._runs:
            server.stop()
        server.collect, server.pool_timeout = collect, pool_timeout
        there = set(databases.find(server.folder))
        server.start()
        self.models = server.models()
        self._runs = self._has_run = True
        new = [path for path in server.databases() if path.exists() and path not in there]
        names = tuple(path.relative_to(server.folder).as_posix() for path in new)
        return Started(again, collect, pool_timeout, names)

    def learn_models(self) -> None:
        """Start the app as it is now, without a word, only to know its models."""
        self.stop()
        self.server.start()
        self.models = self.server.models()
        self.server.stop()

    @property
    def runs(self) -> bool:
        """Whether the server runs."""
        return self._runs

    def _step(self, step: s.Step) -> Iterator[Event]:
        server = self.server
        match step:
            case s.Say(text):
                yield Said(text if isinstance(text, str) else text(self.seen))
            case s.Predict():
                self._predict()
            case s.Leave():
                self._leave()
            case s.Start(collect, pool_timeout):
                yield self.start(collect, pool_timeout)
            case s.Stop(kill):
                server.kill() if kill else server.stop()
                self._runs = False
                yield Stopped(kill)
            case s.Request(method, path, body):
                # What a request leaves behind may come after its answer; it is not the next one's.
                server.events.settle(2.0)
                yield Sent(server.request(method, path, body))
            case s.Connections(times, request):
                yield self._connections(times, request)
            case s.AtOnce(times, request):
                yield self._at_once(times, request)
            case s.KillInBurst(answers):
                yield self._kill_in_burst(answers)
            case s.ShowRows():
                yield self._rows()
            case s.ShowSource(file):
                yield SourceShown(file, (server.folder / file).read_text("utf-8"))
            case s.ShowDrift():
                yield Drifted(tuple(str(found) for found in drift(server)))

    def _connections(self, times: int, request: s.Request) -> Measured:
        exchanges: list[Exchange] = []
        out: list[int] = []
        frame = None
        for _ in range(times):
            exchanges.append(self.server.request(request.method, request.path, request.body))
            # What leaks stays: the first requests have shown whether anything comes back late.
            connections = self.server.connections_out(grace=0.5 if len(out) < 2 else 0.05)
            out.append(len(connections))
            frame = next((c.frame for c in connections if c.frame), frame)
        return Measured(str(request), tuple(exchanges), tuple(out), frame)

    def _at_once(self, times: int, request: s.Request) -> Crowded:
        since = len(self.server.events)
        began = time.monotonic()
        one = (request.method, request.path, request.body)
        exchanges = self.server.at_once([one] * times)
        seconds = time.monotonic() - began
        crash: Crash | None = None
        if any(exchange.status >= 500 for exchange in exchanges):
            # The crash is reported after the answer.
            event = self.server.events.wait(
                1.0, lambda event: event["event"] == "done" and bool(event["crash"]), since
            )
            crash = crash_of(event["crash"]) if event else None
        return Crowded(tuple(exchanges), seconds, crash)

    def _kill_in_burst(self, answers: int) -> Burst:
        titles = (f"todo {number} of a burst" for number in count(1))
        writes = (("POST", "/todos", {"title": title}) for title in titles)
        exchanges = self.server.kill_during(islice(writes, BURST_WRITES), answers)
        self._runs = False
        return Burst(tuple(exchanges))

    def _rows(self) -> RowsShown:
        folder = self.server.folder
        known = self.server.databases() or databases.find(folder)
        files = [path.relative_to(folder).as_posix() for path in known if path.exists()]
        return RowsShown(tuple(files), rows_of(self.server))
