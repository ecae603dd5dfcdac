"""Requests that come at one instant, however long each of them takes to connect."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress


def waiting_at(barrier: threading.Barrier) -> Callable[[str, object], None]:
    """Return a trace function for httpx: a request that has connected waits for the others."""

    def trace(event: str, info: object) -> None:
        if event == "connection.connect_tcp.complete":
            with suppress(threading.BrokenBarrierError):  # another one could not connect
                barrier.wait()
            barrier.abort()  # who connects once more, for a redirect, waits for nobody

    return trace


@contextmanager
def threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Give threads that send requests. Who interrupts the block waits for none of them.

    They end with the server's process, which whoever has started it ends next.
    """
    pool = ThreadPoolExecutor(count)
    wait = True
    try:
        yield pool
    except BaseException as error:
        wait = isinstance(error, Exception)
        raise
    finally:
        pool.shutdown(wait=wait, cancel_futures=not wait)
