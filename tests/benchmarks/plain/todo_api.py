"""A server started by hand, and HTTP to it, with nothing but Python's own library.

What the checks for check50 and for plain pytest share, so that both send the same requests.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from http.client import HTTPConnection, HTTPException
from typing import Any

Todo = dict[str, Any]
ENDS_IN = 60.0  # seconds for a start or a stop, on a machine that is busy with much else


class Wrong(AssertionError):
    """The API does not do what was asked for."""


class Api:
    """`python -m uvicorn` in the current folder; `BENCHMARK_PYTHON` says with which Python."""

    def __init__(self) -> None:
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start a server and return when it has given its first response."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [os.environ["BENCHMARK_PYTHON"], "-m", "uvicorn", "todos_app.main:app"]
        self.process = subprocess.Popen(
            [*command, f"--port={self.port}", "--log-level=warning"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + ENDS_IN
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                self.request("GET", "/todos")
                return
            except (OSError, HTTPException):
                time.sleep(0.01)
        raise Wrong("the server does not start")

    def stop(self) -> None:
        """Stop it as Ctrl+C would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once. Safe to repeat."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(number)
            self.process.wait(ENDS_IN)
            self.process = None

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the JSON of one answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=8)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        return response.status, json.loads(content) if content else None

    def expect(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer that is 2xx."""
        status, found = self.request(method, path, body)
        if not 200 <= status < 300:
            raise Wrong(f"{method} {path} answers {status}")
        return found

    def create(self, title: str) -> Todo:
        """POST a todo."""
        made: Todo = self.expect("POST", "/todos", {"title": title})
        return made

    def update(self, todo: Todo, **changes: Any) -> None:
        """PUT a todo."""
        body = {"title": todo["title"], "completed": todo["completed"], **changes}
        self.expect("PUT", f"/todos/{todo['id']}", body)

    def delete(self, todo: Todo) -> None:
        """DELETE a todo."""
        self.expect("DELETE", f"/todos/{todo['id']}")

    def all(self, query: str = "") -> list[Todo]:
        """GET the list."""
        found: list[Todo] = self.expect("GET", "/todos" + query)
        return found


def same(have: object, wanted: object, where: str) -> None:
    """Raises Wrong where two values differ."""
    if have != wanted:
        raise Wrong(f"expected {wanted} {where}, not {have}")
