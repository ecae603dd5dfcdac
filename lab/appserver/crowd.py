"""Requests that come at one instant, however long each of them takes to connect."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


class Crowd:
    """Requests that wait for each other once they are connected."""

    def __init__(self, size: int) -> None:
        self._missing = size
        self._changed = threading.Condition()

    def wait(self, event: str, info: object) -> None:
        """Return when all are connected; httpx calls this at each event of a request."""
        if event == "connection.connect_tcp.complete":
            with self._changed:
                self._missing -= 1
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._missing <= 0)

    def go(self) -> None:
        """Let nobody wait any longer."""
        with self._changed:
            self._missing = 0
            self._changed.notify_all()


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
