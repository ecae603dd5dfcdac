"""Processes that outlive the server that started them, such as a daemon of the learner's.

On Linux a process can ask to become the parent of every orphan below it. Elsewhere nothing is
found here, and such a process runs on.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from collections.abc import Collection
from typing import NoReturn

CAN_ADOPT = sys.platform == "linux"
FORWARDED = (signal.SIGTERM, signal.SIGINT)
PR_SET_CHILD_SUBREAPER = 36


def adopt() -> None:
    """From here on, orphans below this process become its children, where the system can."""
    if CAN_ADOPT:
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


def keep() -> None:
    """Go on in a child of this process, which ends whatever the child leaves behind.

    The one that stays passes signals on, and ends as the child has. Where standard input ends,
    because the lab wants it so or has gone, the child ends as well. Elsewhere than on Linux
    nothing happens.
    """
    if not CAN_ADOPT:
        return
    adopt()
    # A signal that comes meanwhile waits until somebody is there to take it.
    held = signal.pthread_sigmask(signal.SIG_BLOCK, (*FORWARDED, signal.SIGCHLD))
    child = os.fork()
    if child:
        _die_as(_kept(child, _heard(held)))
    signal.pthread_sigmask(signal.SIG_SETMASK, held)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _heard(held: Collection[int]) -> int:
    """Hear of signals from here on, one byte each in the pipe whose end is returned."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (*FORWARDED, signal.SIGCHLD):
        signal.signal(number, lambda number, frame: None)
    signal.pthread_sigmask(signal.SIG_SETMASK, held)
    return woken


def _kept(child: int, woken: int) -> int:
    """Wait until a process has ended, and all that it leaves behind. How it ended, as a status."""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if 0 in ready:
            os.kill(child, signal.SIGKILL)
            status = os.waitpid(child, 0)[1]
            break
        for number in os.read(woken, 4096):
            if number in FORWARDED:
                os.kill(child, number)
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    end((), wait=True)
    return status


def _die_as(status: int) -> NoReturn:
    """End this process with the status that another one has ended with."""
    if os.WIFSIGNALED(status):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if os.WTERMSIG(status) != signal.SIGKILL:  # which nobody can catch, so nobody did
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


def _children() -> set[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123
            return {int(pid) for pid in file.read().split()}
    except OSError:
        return set()
