"""Requests that come at one instant, however long each of them takes to connect."""

from __future__ import annotations

import threading


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
