"""The last events of a board: a bounded number of them, for any number of pages that read along."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

PageEvent = dict[str, Any]  # what a page is told: JSON, its kind under "kind"

MOST_BYTES = 4_000_000  # of the events that are kept, as JSON
STILL_HERE = 15.0  # seconds between two signs of life
TOGETHER = 0.02  # seconds in which events gather to be sent together


def now() -> float:
    """Return the time as pages are told it: milliseconds since 1970."""
    return round(time.time() * 1000, 2)


class Ring:
    """Keeps the last events, numbered from 1, and wakes who waits for more. From any thread."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: deque[tuple[int, str]] = deque()
        self._bytes = 0
        self._number = 0  # of the last event
        self._closed = False
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    @property
    def readers(self) -> int:
        """How many pages read along."""
        return len(self._waiting)

    def tell(self, *events: PageEvent) -> None:
        """Add events. The oldest make room."""
        texts = [json.dumps(event, default=str) for event in events]
        with self._lock:
            for text in texts:
                self._number += 1
                self._kept.append((self._number, text))
                self._bytes += len(text)
            while self._bytes > self._most and len(self._kept) > 1:
                self._bytes -= len(self._kept.popleft()[1])
        self._wake()

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        self._wake()

    def since(self, number: int) -> tuple[int, list[str]]:
        """Return the last event's number, and what came after `number`.

        Where some of that is gone, the first that is returned says how many.
        """
        with self._lock:
            last = self._number
            if number > last:  # of another ring: that of a lab that has ended
                number = 0
            texts: list[str] = []
            for own, text in reversed(self._kept):
                if own <= number:
                    break
                texts.append(text)
        texts.reverse()
        if gone := last - number - len(texts):
            texts.insert(0, json.dumps({"kind": "gone", "count": gone}))
        return last, texts

    async def stream(self, after: int) -> AsyncIterator[str]:
        """Yield what comes after an event, as server-sent events, each with a list of JSON."""
        with self._listening() as news:
            while not self._closed:
                news.clear()
                after, texts = self.since(after)
                if texts:
                    yield f"id: {after}\ndata: [{','.join(texts)}]\n\n"
                try:
                    await asyncio.wait_for(news.wait(), STILL_HERE)
                    await asyncio.sleep(TOGETHER)
                except TimeoutError:
                    yield ": still here\n\n"

    @contextmanager
    def _listening(self) -> Iterator[asyncio.Event]:
        news = asyncio.Event()
        self._waiting[news] = asyncio.get_running_loop()
        try:
            yield news
        finally:
            del self._waiting[news]

    def _wake(self) -> None:
        for news, loop in list(self._waiting.items()):
            if not loop.is_closed():
                loop.call_soon_threadsafe(news.set)
