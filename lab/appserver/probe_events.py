"""What the probe of one server process reports, read as it comes."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.appserver.bounds import EVENT_BYTES
from lab.appserver.event_shapes import is_sound
from lab.model import Crash, Frame

Event = dict[str, Any]

READ_BYTES = 1 << 16
# As lab.child.hold reads them.
HOLD = {
    ("write", False): b"w",
    ("commit", False): b"c",
    ("commit", True): b"C",
    ("read_back", False): b"r",
    ("table", True): b"T",
}
RELEASE = b"g"
GATHER, NUMBER_BYTES = b"+", 2  # as lab.child.gate reads them
ENDED_SECONDS = 0.1  # between two looks whether a process has ended before it told of itself


class Events:
    """The lab's end of one server's channel. Closing it ends the server process."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._changed = threading.Condition()
        self._all: list[Event] = []
        self._requests = {"request": 0, "done": 0}
        self._closed = False
        self._bytes = 0  # of what is held
        # Either of these ends the process.
        self.overflowed = False  # more came than is taken
        self.forged = False  # what came is not what the probe sends
        # Always read, so that the server never blocks on a full channel.
        self._thread = threading.Thread(target=self._read, name="lab-events", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        line = bytearray()
        # A killed process ends the stream with a reset, perhaps in the middle of a line.
        with contextlib.suppress(OSError):
            while data := self._connection.recv(READ_BYTES):
                self._bytes += len(data)
                self.overflowed = self._bytes > EVENT_BYTES
                line += data
                if b"\n" in data and not self.overflowed:
                    *lines, line = line.split(b"\n")
                    self.forged = not self._took(lines)
                if self.overflowed or self.forged:
                    self._connection.shutdown(socket.SHUT_RDWR)
                    break
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _took(self, lines: list[bytearray]) -> bool:
        """Take the events of these lines; whether all of them are some of the probe's."""
        try:
            events = [event for whole in lines for event in json.loads(whole)]
        except (ValueError, TypeError, RecursionError):
            return False
        if not all(map(is_sound, events)):
            return False
        with self._changed:
            for event in events:
                if event["event"] in self._requests:
                    self._requests[event["event"]] += 1
            self._all += events
            self._changed.notify_all()
        return True

    def all(self, *names: str) -> list[Event]:
        """Return what has come so far, of these names; all of it where none is given."""
        with self._changed:
            return [event for event in self._all if not names or event["event"] in names]

    def wait(self, seconds: float, wanted: Callable[[Event], bool], since: int = 0) -> Event | None:
        """Return the first event that is wanted; None after `seconds`, or if the process ends.

        `since` is the number of events, as len() gives it, that do not count.
        """
        found: Event | None = None
        seen = since

        def arrived() -> bool:
            nonlocal found, seen
            found = next((event for event in self._all[seen:] if wanted(event)), None)
            seen = len(self._all)
            return found is not None or self._closed

        with self._changed:
            self._changed.wait_for(arrived, timeout=max(seconds, 0.0))
        return found

    def take(self, seconds: float) -> list[Event]:
        """Give away what has come since the last take(), waited for up to `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self._all or self._closed, timeout=seconds)
            taken, self._all, self._bytes = self._all, [], 0
        return taken

    def __len__(self) -> int:
        with self._changed:
            return len(self._all)

    def ask_where(self, seconds: float) -> Frame | None:
        """Return the line of the learner's code that the server is busy with; else None."""
        event = self._told(b"?", "where", seconds)
        return frame_of(event["frame"]) if event else None

    def settle(self, answered: int, seconds: float) -> bool:
        """Whether every request that came was done, dependencies and all, within `seconds`.

        At least so many have been `answered`: an answer may be here before its events are read.
        """

        def quiet() -> bool:
            begun = self._requests["request"]
            return answered <= begun == self._requests["done"] or self._closed

        with self._changed:
            return self._changed.wait_for(quiet, timeout=max(seconds, 0.0))

    def end_with_success(self, seconds: float) -> None:
        """Have the process end itself with its next 2xx. Waits until it knows, or `seconds`."""
        self._told(b"!", "ending", seconds)

    def hold_next(self, moment: str, seconds: float, *, may_block: bool = False) -> None:
        """Have the next request wait before its first "write", its "commit", its first "table".

        Or before it reads back, after its COMMIT, what it has written.

        Where that cannot be otherwise, and it `may_block`, the process serves nothing meanwhile.
        """
        self._told(HOLD[moment, may_block], "armed", seconds)

    def gather(self, requests: int, seconds: float) -> None:
        """Have the next so many requests wait for each other, and go in together."""
        self._told(GATHER + requests.to_bytes(NUMBER_BYTES, "big"), "gathering", seconds)

    def release(self) -> None:
        """Let the request that is held go on."""
        with contextlib.suppress(OSError):
            self._connection.sendall(RELEASE)

    def _told(self, order: bytes, answer: str, seconds: float) -> Event | None:
        """Send an order to the probe: the event that answers it, None where none came in time."""
        since = len(self)
        with contextlib.suppress(OSError):
            self._connection.sendall(order)
        return self.wait(seconds, lambda event: event["event"] == answer, since)

    def wait_closed(self, seconds: float) -> bool:
        """Whether the process's end of the channel closed within `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed, timeout=max(seconds, 0.0))

    def close(self) -> None:
        """Close the lab's end; the process, where it still runs, ends itself."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._connection.close()


def accept(
    listening: socket.socket, token: str, seconds: float, ended: Callable[[], bool]
) -> Events | None:
    """Return the channel of the process that knows the token; None where none came in time.

    A process that has `ended` is not waited for.
    """
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        listening.settimeout(min(left, ENDED_SECONDS))
        try:
            connection, _ = listening.accept()
        except TimeoutError:
            if ended():
                return None
            continue
        connection.settimeout(None)
        events = Events(connection)
        # Any program of this machine may connect here; only ours knows the token.
        if events.wait(left, lambda event: event.get("token") == token):
            return events
        events.close()
    return None


@dataclass(frozen=True)
class Connection:
    """A database connection that is checked out of the pool, and the line that took it."""

    number: int
    request: int | None
    frame: Frame | None


def checked_out(events: list[Event]) -> tuple[Connection, ...]:
    """Return the connections that were checked out and have not come back."""
    out: dict[int, Connection] = {}
    for event in events:
        if event["event"] == "checkout":
            number = event["connection"]
            out[number] = Connection(number, event["request"], frame_of(event["frame"]))
        elif event["event"] == "checkin":
            out.pop(event["connection"], None)
    return tuple(out.values())


def frame_of(data: dict[str, Any] | None) -> Frame | None:
    """Return the frame as a value."""
    return Frame(**data) if data else None


def crash_of(data: dict[str, Any] | None) -> Crash | None:
    """Return the crash as a value."""
    return Crash(data["kind"], data["message"], frame_of(data["frame"])) if data else None
