"""What is done with the connection of a request as soon as there is one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import httpcore


def connected(
    seconds: float, barrier: threading.Barrier | None = None
) -> Callable[[str, Mapping[str, Any]], None]:
    """Return a trace function for httpx: the answer has so many seconds, however slowly it comes.

    With a `barrier`, a request that has connected waits for the others, so that all come at one
    instant, however long each of them takes to connect.
    """

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event != "connection.connect_tcp.complete":
            return
        _bound(info["return_value"], seconds)
        if barrier:
            with suppress(threading.BrokenBarrierError):  # another one could not connect
                barrier.wait()
            barrier.abort()  # who connects once more, for a redirect, waits for nobody

    return trace


def _bound(stream: Any, seconds: float) -> None:
    """Let all reads of a stream together take so many seconds.

    httpx's own limit is for each of them: headers, and answers that only announce another one,
    may come for ever.
    """
    read: Callable[[int, float | None], bytes] = stream.read
    until: float | None = None

    def bounded(most: int, timeout: float | None = None) -> bytes:
        nonlocal until
        now = time.monotonic()
        until = until or now + seconds
        if now >= until:
            raise httpcore.ReadTimeout("the whole answer took too long")
        return read(most, until - now)

    stream.read = bounded
