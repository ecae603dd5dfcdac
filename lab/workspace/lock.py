"""One command at a time in a workspace: a lock that the system releases when its holder dies."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from lab.model import WorkspaceBusy
from lab.workspace.files import cannot_write

if sys.platform == "win32":
    import msvcrt

    # Windows forbids reading the locked bytes: lock one that lies far behind the text.
    _BYTE = 1 << 30

    def acquire(handle: int) -> None:
        """Lock an open file. Raises OSError where another process holds it."""
        os.lseek(handle, _BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _release(handle: int) -> None:
        os.lseek(handle, _BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def acquire(handle: int) -> None:
        """Lock an open file. Raises OSError where another process holds it."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


_PAUSE = 0.05  # seconds between two tries


@contextmanager
def held(path: Path, command: str, wait: float) -> Iterator[None]:
    """Hold the lock file while the block runs; `wait` is in seconds.

    Raises WorkspaceBusy, naming the holder, where another command keeps it for longer, and
    CannotWrite where there can be no lock file.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise cannot_write(error, path) from error
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                acquire(handle)
                break
            except (BlockingIOError, PermissionError) as error:
                if time.monotonic() >= deadline:
                    raise _busy(path) from error
            time.sleep(_PAUSE)
        try:
            _sign(handle, command)
            yield
        finally:
            # By word, not by closing: a forked child may have the handle open as well.
            with suppress(OSError):
                os.ftruncate(handle, 0)
            _release(handle)
    finally:
        os.close(handle)


def _sign(handle: int, command: str) -> None:
    holder = {
        "command": command,
        "pid": os.getpid(),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    # The signature is a courtesy to the one who waits; on a full disk the lock holds without it.
    with suppress(OSError):
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, json.dumps(holder).encode())


def _busy(path: Path) -> WorkspaceBusy:
    remedy = "Wait until it is done, or end it, then try again."
    try:
        holder = json.loads(path.read_text("utf-8"))
        said = f"`{holder['command']}` (process {holder['pid']}, since {holder['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        said = "Another command"
    return WorkspaceBusy(f"{said} is using the workspace {path.parent.parent}.", remedy)
