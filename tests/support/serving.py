"""`lab serve --json` as a process, and what it tells."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from typing import Any

from lab.workspace.workspace import Workspace
from tests.support.commands import LAB, Shell

PATIENCE = 60  # seconds, on a machine that has much else to do
Event = dict[str, Any]


class Running:
    """A `lab serve --json` that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.seen: list[Event] = []
        self._lines: Queue[str | None] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait(self, name: str, wanted: Callable[[Event], bool] = lambda event: True) -> Event:
        """The next event of this name that is wanted."""
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE)
            except Empty:
                raise AssertionError(f"no {name!r} after {self.seen}") from None
            assert line is not None, f"ended after {self.seen}"
            event = json.loads(line)
            self.seen.append(event)
            if event.get("event") == name and wanted(event):
                return dict(event)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(made: Workspace, *words: str | int) -> Iterator[Running]:
    port = () if "--port" in words else ("--port", "0")
    process = subprocess.Popen(
        [*LAB, "serve", "--json", *port, *map(str, words)],
        cwd=made.folder,
        env=Shell(made.folder.parent).environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait()
