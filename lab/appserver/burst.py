"""Requests that several clients send one after the other, until the server ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Self

from lab.appserver.answer_body import Unanswered
from lab.appserver.client import Answer, Client
from lab.workspace.operations import Request


class Burst:
    """Requests under way from several threads; a context that ends when they have."""

    def __init__(self, client: Client, requests: Iterator[Request], clients: int = 4) -> None:
        self.answered: list[tuple[Request, Answer]] = []
        self._client = client
        self._requests = requests
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._send) for _ in range(clients)]
        self._running = clients

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._requests = iter(())
        for thread in self._threads:
            thread.join()

    def wait(self, answers: int, seconds: float) -> None:
        """Return when so many answers have come, when all threads have ended, or in time."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self.answered) >= answers or not self._running, timeout=seconds
            )

    def _send(self) -> None:
        while True:
            with self._changed:
                request = next(self._requests, None)
            answer = None
            if request is not None:
                try:
                    answer = self._client.send(*request, seconds=5.0)
                except Unanswered:
                    request = None  # the server is gone
            with self._changed:
                if request is None or answer is None:
                    self._running -= 1
                    self._changed.notify_all()
                    return
                self.answered.append((request, answer))
                self._changed.notify_all()
