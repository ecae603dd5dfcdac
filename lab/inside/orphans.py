"""Processes that outlive the server that started them, such as a daemon of the learner's.

On Linux a process can ask to become the parent of every orphan below it. Elsewhere nothing is
found here, and such a process runs on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Collection

PR_SET_CHILD_SUBREAPER = 36


def adopt() -> None:
    """From here on, orphans below this process become its children, where the system can."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end(own: Collection[int], wait: bool = False) -> None:
    """Kill and reap each child of this single-threaded process that is not one of its `own`.

    With `wait`, also what becomes a child because its parent was killed.
    """
    while found := _children() - set(own):
        for pid in found:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0 if wait else os.WNOHANG)
        if not wait:
            return


def _children() -> set[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123
            return {int(pid) for pid in file.read().split()}
    except OSError:
        return set()
