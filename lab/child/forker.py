"""The process that servers are forked from: the frameworks imported, nothing of the learner's.

It stays single-threaded and opens no database, so that a fork of it is as good as a fresh
process. Orders are lines of JSON on standard input, reports are lines on standard output:

    orders   {"start": SPEC, "environment": {...}}
             {"signal": NUMBER, "pid": PID}
             {"destroy": PID}              the process and its whole group
    reports  {"preloaded": [...]}          once: the names of the modules it has imported
             {"token": ..., "pid": ...}    a server was started
             {"pid": ..., "code": ...}     a server ended

When the orders end, the lab has gone: every server is killed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import inspect
import json
import linecache
import os
import select
import selectors
import signal
import sys
import time
from typing import Any

from lab.child import orphans, start

# What nearly every app imports. None of these starts a thread or opens a database.
PRELOADED = (
    "uvicorn",
    "uvicorn.lifespan.on",
    "uvicorn.logging",
    "uvicorn.loops.asyncio",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "anyio._backends._asyncio",
    "fastapi",
    "pydantic",
    "sqlite3",
    "sqlalchemy.dialects.sqlite",
    "sqlalchemy.orm",
)
# What some versions do not have, or not without a package more: greenlet, say.
OPTIONAL = (
    "encodings.idna",
    "fastapi.telemetry._runtime",
    "pydantic.v1",
    "sqlalchemy.ext.asyncio",
)
HEARD = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # and none of them ends it


class Forker:
    """The loop: orders in, reports out, ended servers reaped."""

    def __init__(self, orders: int, reports: int) -> None:
        self._orders = orders
        self._reports = reports
        self._servers: set[int] = set()
        self._woken, self._wake = os.pipe()
        for end in (self._woken, self._wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        # A server may send its parent what ends a process, as it would to a reloader.
        self._before = {
            number: signal.signal(number, lambda number, frame: None) for number in HEARD
        }

    def report(self, **data: Any) -> None:
        """Write one report. Where the lab has gone, the end of the orders says so as well."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._reports, json.dumps(data).encode() + b"\n")

    def run(self) -> dict[str, Any] | None:
        """Serve orders until they end. Returns None then, and in each fork the order to start."""
        buffer = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._orders, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if self._woken in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._woken, 4096)
                    self._reap()
                if self._orders in ready:
                    data = os.read(self._orders, 1 << 16)
                    if not data:
                        self._end()
                        return None
                    *lines, buffer = (buffer + data).split(b"\n")
                    for line in lines:
                        order: dict[str, Any] = json.loads(line)
                        if "start" not in order:
                            self._signal(order)
                        elif self._fork(order):
                            return order

    def _fork(self, order: dict[str, Any]) -> bool:
        """Fork, and return True in the new process."""
        for name in order["start"].get("preload", ()):  # once: it takes longer than a start
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        pid = os.fork()
        if pid == 0:
            return True
        self._servers.add(pid)
        self.report(token=order["start"]["token"], pid=pid)
        return False

    def _signal(self, order: dict[str, Any]) -> None:
        pid = order.get("pid", order.get("destroy"))
        if pid not in self._servers:
            return
        if "destroy" in order:
            _kill(pid)
        else:
            os.kill(pid, order["signal"])

    def _reap(self) -> None:
        ended = {}
        for pid in sorted(self._servers):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self._servers.discard(pid)
                _kill(pid, leader=False)
                ended[pid] = os.waitstatus_to_exitcode(status)
        # A server that runs keeps its orphans itself: these are of one that has ended.
        orphans.end(self._servers)
        for pid, code in ended.items():
            self.report(pid=pid, code=code)

    def _end(self) -> None:
        for pid in self._servers:
            _kill(pid)
            os.waitpid(pid, 0)
        orphans.end((), wait=True)

    def become_server(self) -> None:
        """In a fork: let go of everything that is the parent's."""
        signal.set_wakeup_fd(-1)
        for signal_number, handler in self._before.items():
            signal.signal(signal_number, handler)
        for number in (self._orders, self._reports, self._woken, self._wake):
            os.close(number)


def _kill(pid: int, leader: bool = True) -> None:
    # The group exists as soon as the fork has called setsid(); the process always does.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    if leader:
        os.kill(pid, signal.SIGKILL)


def detach(log: str) -> None:
    """In a fork: be the first of a group of processes that prints into its own log."""
    os.setsid()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(write_through=True)  # type: ignore[union-attr]


def serve(order: dict[str, Any], path: list[str]) -> None:
    """In a fork: become what a fresh process would be, and serve."""
    spec = order["start"]
    detach(spec["log"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()  # a fresh process looks at TZ when it starts
    sys.path[:] = path
    start.serve(spec)


def _closed(orders: int) -> bool:
    """Whether the lab has ended, or has no more orders."""
    poll = select.poll()
    poll.register(orders, 0)  # that the other end was closed is reported unasked
    return bool(poll.poll(0))


def orders_and_reports() -> tuple[int, int]:
    """Return where both are from here on: what is printed must never reach the reports."""
    orders, reports = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return orders, reports


def main() -> None:
    """Run as `python -P -B -m lab.child.forker`."""
    path = list(sys.path)
    orders, reports = orders_and_reports()
    gc.disable()  # what is imported stays: looking for garbage in it takes a tenth of the time
    for name in PRELOADED:
        if _closed(orders):  # on a busy machine, what follows takes seconds
            return
        importlib.import_module(name)
    for name in OPTIONAL:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # FastAPI looks up where an endpoint is written: the patterns for that take 2 ms to compile.
    inspect.getsource(json.dumps)
    linecache.clearcache()
    orphans.adopt()
    forker = Forker(orders, reports)
    names = {name.partition(".")[0] for name in sys.modules} - {"lab", "__main__"}
    forker.report(preloaded=sorted(names))
    start.forget_the_lab()  # here: the look at each name would have a fork copy some 180 pages
    gc.freeze()
    gc.enable()
    order = forker.run()
    if order is None:
        os._exit(0)  # nothing is left to do, and Python's own end takes 30 ms
    forker.become_server()
    serve(order, path)


if __name__ == "__main__":
    main()
