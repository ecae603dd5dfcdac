"""Threads that send requests which come at one instant."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


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
