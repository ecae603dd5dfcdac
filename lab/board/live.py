"""The board of a served app: what the probe reports, the rows in its files, and the buttons."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from typing import Self

from lab.appserver.served import Served
from lab.board.buttons import Buttons
from lab.board.requests import Requests
from lab.board.ring import Ring, now
from lab.board.site import Site
from lab.board.tables import FileRows
from lab.watch import serving
from lab.watch.saves import HalfWritten
from lab.workspace.workspace import Workspace

GATHER = 0.015  # seconds in which events gather to be told together
LOOK = 0.1  # seconds between two looks at the files and at what was left out
WORDS = {"stopped": "Stopped: SIGTERM", "killed": "Killed: SIGKILL"}


class LiveBoard:
    """A page about a served app, for as long as the block runs. Its URL has its token."""

    def __init__(self, server: Served, workspace: Workspace, orders: serving.Orders) -> None:
        server.is_watched = True
        self._server = server
        self._ring = Ring()
        self._buttons = Buttons(server, workspace, orders, self._ring.tell)
        self._requests = Requests()
        self._rows = FileRows(server.folder)
        self._happened: SimpleQueue[serving.Event | None] = SimpleQueue()
        # Beside the API's own port, where that one is named: it is the same the next time.
        port = server.port + 1 if 0 < server.port < 65535 else 0
        self._site = Site("board.html", self._ring, self._buttons.actions, port=port)
        self.url = self._site.url
        # Not in the thread that serves: what a page is told may take a moment to be put together.
        self._thread = threading.Thread(target=self._run, name="lab-board-events", daemon=True)

    def __enter__(self) -> Self:
        self._site.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._happened.put(None)
        self._thread.join()
        self._site.__exit__()

    def show(self, event: serving.Event) -> None:
        """Tell the pages what has happened. From any thread, at once."""
        self._happened.put(event)

    def _run(self) -> None:
        while True:
            for event in self._gathered():
                if event is None:
                    return
                self._see(event)
            told = self._requests.take()
            if self._ring.readers and (rows := self._rows.look(self._server.databases())):
                told.append(rows)
            if told:
                self._ring.tell(*told)

    def _gathered(self) -> Iterator[serving.Event | None]:
        """Wait for what happens, or for the next look; yield all there is."""
        try:
            yield self._happened.get(timeout=LOOK)
        except Empty:
            return
        time.sleep(GATHER)
        try:
            while True:
                yield self._happened.get_nowait()
        except Empty:
            return

    def _see(self, event: serving.Event) -> None:
        match event:
            case serving.Reported(events):
                self._requests.seen(events)
            case serving.Started(port, docs, databases):
                self._buttons.started()
                url = f"http://127.0.0.1:{port}"
                page = docs and url + docs
                self._state("running", "Your API runs", url=url, docs=page, databases=databases)
            case serving.Stopped(killed):
                name = "killed" if killed else "stopped"
                self._end(name, WORDS[name])
            case serving.Saved(files):
                self._end("stopped", f"Saved: {', '.join(files)}. It starts anew")
            case serving.Down(error):
                self._end("down", f"{error.message} {error.remedy}")
            case serving.DatabaseDeleted(files, snapshot):
                said = f"{' and '.join(files)} deleted. Snapshot {snapshot} has it."
                self._ring.tell({"kind": "deleted", "words": said, "at": now()})
            case serving.NotDone(error):
                self._note(f"{error.message} {error.remedy}")
            case serving.Printed(line):
                self._note(line)
            case HalfWritten(file, line, message):
                self._note(f"{file}, line {line}: {message}. Waiting until it is whole.")

    def _end(self, state: str, words: str) -> None:
        self._requests.ended()
        self._ring.tell(*self._requests.take())
        self._state(state, words)

    def _state(self, state: str, words: str, **more: object) -> None:
        told = {"kind": "server", "state": state, "words": words, "at": now()}
        self._ring.tell(told | more)

    def _note(self, words: str) -> None:
        self._ring.tell({"kind": "note", "words": words[:500], "at": now()})
