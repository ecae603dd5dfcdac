"""Lets a crowd of requests in at one instant, however long each of them takes to come."""

from __future__ import annotations

import asyncio

GATHER = b"+"  # the order, before the number of requests
NUMBER_BYTES = 2
LONGEST = 8.0  # seconds that a request waits here, should one of the others not come


class Gate:
    """Where requests wait for each other, before the app knows of any of them."""

    def __init__(self) -> None:
        self._missing = 0
        self._opened: asyncio.Event | None = None

    def expect(self, requests: int) -> None:
        """Let the next so many requests in together."""
        self._missing, self._opened = requests, None

    async def enter(self) -> None:
        """Wait until all that are expected are here, where any are."""
        if not self._missing:
            return
        opened = self._opened = self._opened or asyncio.Event()
        self._missing -= 1
        if self._missing:
            asyncio.get_running_loop().call_later(LONGEST, self._open, opened)
            await opened.wait()
        else:
            self._open(opened)

    def _open(self, opened: asyncio.Event) -> None:
        if opened is self._opened:
            self._missing, self._opened = 0, None
        opened.set()
