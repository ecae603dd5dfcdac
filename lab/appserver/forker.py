"""The process that servers are forked from, as the lab begins it.

Nothing is imported here that takes time: it is begun before all else, because it takes the longest.
"""

from __future__ import annotations

import os
import subprocess
import sys

from lab.appserver import environment


def is_wanted(name: str | None = None) -> bool:
    """Whether servers are forked: the machine can, and `name` or LAB_LAUNCHER says no other."""
    asked = name or os.environ.get("LAB_LAUNCHER")
    return hasattr(os, "fork") and asked in (None, "", "fork")


def begin() -> subprocess.Popen[bytes]:
    """Begin the process. It ends by itself as soon as its standard input is closed."""
    return subprocess.Popen(
        [sys.executable, "-P", "-B", "-m", "lab.child.forker"],
        # Also those of a fork can be read in /proc as they were when this process began.
        env=environment.for_python(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Its tracebacks would be defects of the lab: they go to the lab's own standard error. Where
        # the lab was called without one (2>&-), the descriptor is some other file by now.
        stderr=None if sys.__stderr__ else subprocess.DEVNULL,
        start_new_session=True,
    )
