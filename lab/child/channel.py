"""The line from a server process to the lab that started it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections import deque
from typing import Any

MOST_KEPT = 500  # events; a request that does more than that is to be known of before its end


class Channel:
    """Lines of JSON, each with a list of what happened. A process that the app forked is silent."""

    def __init__(self) -> None:
        self._connection: socket.socket | None = None  # until then, all is kept
        self._lock = threading.Lock()
        self._kept: deque[dict[str, Any]] = deque()
        self._encode = json.JSONEncoder(default=str).encode
        self._owner = os.getpid()
        self._has_kept: threading.Event | None = None  # where somebody looks on
        self._within = 0.0  # seconds in which they are to know
        self._flushed = 0.0  # when

    def connect(self, connection: socket.socket) -> None:
        """Report over this connection from here on, what was kept first, as this process.

        Also in a fork of the process in which it was kept.
        """
        self._connection = connection
        self._owner = os.getpid()

    def keep(self, event: str, **data: Any) -> None:
        """Report one event with the next that is sent.

        A request has a dozen events: each of them sent by itself would wake the lab.
        """
        if os.getpid() == self._owner:
            self._kept.append({"event": event, "at": time.perf_counter(), **data})
            if len(self._kept) >= MOST_KEPT:
                self.flush()
            elif self._has_kept and not self._has_kept.is_set():
                self._has_kept.set()

    def send(self, event: str, **data: Any) -> None:
        """Report one event now, after all that was kept."""
        self.keep(event, **data)
        self.flush()

    def send_soon(self, event: str, **data: Any) -> None:
        """Report one event now, or, where somebody looks on and much happens, with what follows.

        Each time that something is sent, another thread may take its turn first: sent one by one,
        the events of a hundred requests a second take longer than the requests.
        """
        self.keep(event, **data)
        if time.perf_counter() - self._flushed >= self._within:
            self.flush()

    def flush_within(self, seconds: float) -> None:
        """From here on, send what is kept after so long, also where nothing more happens.

        A request that waits is so known of while it waits.
        """
        self._within = seconds
        has_kept = self._has_kept = threading.Event()

        def flush() -> None:
            while has_kept.wait():
                time.sleep(seconds)
                has_kept.clear()
                self.flush()

        threading.Thread(target=flush, name="lab-flush", daemon=True).start()

    def flush(self) -> None:
        """Send what was kept."""
        if os.getpid() != self._owner or not self._connection:
            return
        # The lab may be gone already; the watch on the socket then ends this process.
        with self._lock, contextlib.suppress(OSError):
            self._flushed = time.perf_counter()
            events = [self._kept.popleft() for _ in range(len(self._kept))]
            self._connection.sendall(self._encode(events).encode() + b"\n")
