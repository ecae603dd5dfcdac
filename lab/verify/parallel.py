"""Runs the checks ahead of pytest, a few at a time: what they wait for, they wait for together.

pytest still collects the checks, asks for each in its turn and reports it. A check that asks for
nothing but a server of its own is by then under way or done, in a thread; any other check is run
by pytest as ever.
"""

from __future__ import annotations

import inspect
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.appserver.timeouts import Patience
from lab.dbserver.lending import Lender
from lab.model import CheckResult, LabError
from lab.verify.lent_database import must_use
from lab.verify.preflight import Boot, Known, boot
from lab.verify.result import result_of
from lab.verify.staged_server import standing
from lab.workspace.workspace import Workspace

FIXTURES = ("todos", "own", "fresh")
MOST = 4  # checks at the same time: more would make the machine slow, and then the checks wrong


@dataclass(frozen=True)
class Done:
    """A check that was run: what it came to, the error it raised if any, and its seconds."""

    result: CheckResult
    error: BaseException | None
    seconds: float


class Ahead:
    """The plugin. `close` ends what is still under way."""

    def __init__(
        self, workspace: Workspace, launcher: Launcher, lender: Lender | None = None
    ) -> None:
        self.booted: Boot | None = None
        self.problem: LabError | None = None  # why nothing could be judged
        self.patience = Patience()
        self._workspace = workspace
        self._launcher = launcher
        self._lender = lender
        self._pool = ThreadPoolExecutor(min((os.cpu_count() or 1) + 2, MOST), "lab-check")
        self._done: dict[str, Future[Done]] = {}
        self._servers: set[Server] = set()
        self._guesses: set[Server] = set()  # those of them that run while the app still boots
        self._closed = False
        self._folder = tempfile.TemporaryDirectory(prefix="lab-checks-")
        boots = Path(self._folder.name) / "boot"
        # At once: pytest needs about as long to collect the checks.
        self._boot = self._pool.submit(boot, workspace, launcher, boots, lender, self._known)
        self._boot.add_done_callback(self._end_guesses)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Send every check that can be run ahead on its way, and wait until the app has booted."""
        mine = [
            item
            for item in session.items
            if isinstance(item, pytest.Function) and _fixture(item) in FIXTURES
        ]
        if not mine:
            return
        for item in mine:
            self._done[item.nodeid] = self._pool.submit(self._run, item)
        try:
            self.booted = self._boot.result()
        except LabError as problem:  # not the app's: a database server that is gone, say
            self.problem = problem
            pytest.exit(problem.message)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Wait for a check that was sent ahead, and raise what it raised."""
        done = self.done(pyfuncitem)
        if done and done.error:
            raise done.error
        return True if done else None

    def done(self, item: pytest.Item) -> Done | None:
        """What the check came to, once it has ended; None where it was not sent ahead."""
        future = self._done.get(item.nodeid)
        return future.result() if future else None

    def close(self) -> None:
        """End the checks that are under way, and wait for their threads."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        for server in list(self._servers):
            server.abort()
        self._pool.shutdown(wait=True)
        self._folder.cleanup()

    def _run(self, item: pytest.Function) -> Done:
        if not self._boot.done() and (guessed := self._guessed(item)):
            return guessed
        booted = self._boot.result()
        if booted.failure:
            return Done(result_of(item, booted.failure, None), booted.failure, 0.0)
        return self._judged(item, booted, self._known)

    def _guessed(self, item: pytest.Function) -> Done | None:
        """Run a check while the app still boots, as if it did so on a fresh database.

        Most do, and the first checks are then done sooner. None where this one does not.
        """
        done = self._judged(item, Boot(self._workspace.app, None), self._guess)
        return done if _as_guessed(self._boot) else None

    def _judged(self, item: pytest.Function, booted: Boot, known: Known) -> Done:
        began = time.monotonic()
        fixture = _fixture(item)
        databases = fixture == "own" or (fixture == "todos" and booted.needs_own)
        try:
            # Each cleans up after itself: at the end, everybody would wait for it.
            with (
                tempfile.TemporaryDirectory(dir=self._folder.name) as folder,
                standing(
                    self._workspace,
                    self._launcher,
                    Path(folder) / "app",
                    databases=databases,
                    lender=self._lender,
                    patience=self.patience,
                ) as todos,
                known(todos.server),
            ):
                error: BaseException | None = None
                try:
                    item.obj(todos)
                    must_use(todos.server)
                except Exception as raised:  # noqa: BLE001
                    error = raised  # whose fault it is, result_of() says
                result = result_of(item, error, todos.server)
            return Done(result, error, time.monotonic() - began)
        except LabError as raised:  # the database server is gone, say
            return Done(result_of(item, raised, None), raised, time.monotonic() - began)

    @contextmanager
    def _known(self, server: Server) -> Iterator[None]:
        self._servers.add(server)
        if self._closed:  # since: close() has not seen this one
            server.abort()
        try:
            yield
        finally:
            self._servers.discard(server)

    @contextmanager
    def _guess(self, server: Server) -> Iterator[None]:
        with self._known(server):
            self._guesses.add(server)
            if self._boot.done():  # since: _end_guesses() has not seen this one
                self._end_guesses(self._boot)
            try:
                yield
            finally:
                self._guesses.discard(server)

    def _end_guesses(self, boot: Future[Boot]) -> None:
        """Once the app has booted otherwise than it was guessed, what rests on that is moot."""
        if not _as_guessed(boot):
            for server in list(self._guesses):
                server.abort()


def _as_guessed(boot: Future[Boot]) -> bool:
    """Whether the app boots on a fresh database; waits for it. False where nobody can tell."""
    if boot.cancelled() or boot.exception():
        return False
    booted = boot.result()
    return booted.failure is None and not booted.needs_own


def _fixture(item: pytest.Function) -> str | None:
    """The one fixture that a check asks for; None where it asks for more, or for none."""
    names = tuple(inspect.signature(item.function).parameters)
    return names[0] if len(names) == 1 else None
