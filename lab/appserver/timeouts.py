"""How long an app is waited for, and how long a check may take.

A kind of request that got no answer in time once is waited for less from then on.
"""

from __future__ import annotations

import os
import threading

START_SECONDS = 15.0  # some run Alembic in a process of its own first, on a busy machine
STOP_SECONDS = 6.0  # uvicorn is told to give open requests 3 s
CHECK_SECONDS = 18.0  # of the 20 that a check may take; the rest is for ending processes
ANSWER_SECONDS = 8.0
AGAIN_SECONDS = 2.0  # an answer takes milliseconds, and seconds on a machine with much else to do
TESTS_SECONDS = 30.0  # for a file of the learner's tests, which may start servers of their own
TESTS_AGAIN_SECONDS = 10.0
TESTS_ON_A_BUSY_MACHINE = 4  # times as long: a dozen servers, each imported anew

BUSY = 2.0  # processes to each processor


def is_busy() -> bool:
    """Whether this machine has so much to do that an app may be slow for that alone."""
    try:
        return os.getloadavg()[0] > BUSY * (os.cpu_count() or 1)
    except (AttributeError, OSError):  # Windows does not tell, and not every container does
        return False


class Timeouts:
    """How long each kind of request may take: less, once one has got no answer in time.

    The servers of a run share it, from any thread, so that what hangs costs its time once.
    """

    def __init__(self) -> None:
        self._unanswered: set[tuple[str, ...]] = set()
        self.tests_in_turn = threading.Lock()  # two runs of one file may want the same port

    def seconds(self, method: str, path: str) -> float:
        """How long to wait for the answer to such a request."""
        return AGAIN_SECONDS if _kind(method, path) in self._unanswered else ANSWER_SECONDS

    def shorten(self, method: str, path: str) -> None:
        """Remember that such a request got no answer in time."""
        self._unanswered.add(_kind(method, path))

    def for_tests(self, file: str) -> float:
        """How long to wait for the end of the tests in a file."""
        has_hung = ("tests", file) in self._unanswered
        seconds = TESTS_AGAIN_SECONDS if has_hung else TESTS_SECONDS
        return seconds * TESTS_ON_A_BUSY_MACHINE if is_busy() else seconds

    def shorten_for_tests(self, file: str) -> None:
        """Remember that the tests in a file have not ended in time."""
        self._unanswered.add(("tests", file))


def _kind(method: str, path: str) -> tuple[str, ...]:
    """Return the method, and the path without its query, with every id replaced by the same."""
    parts = path.partition("?")[0].split("/")
    return (method, *("{id}" if any(map(str.isdigit, part)) else part for part in parts))
