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

from lab import regular_files
from lab.model import LabError, WorkspaceBusy
from lab.workspace import files

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
COMMAND = "lock"  # one command at a time
SERVED = "served"  # the folder itself is served: nothing in it is replaced meanwhile
REMEDIES = {
    COMMAND: "Wait until it is done, or end it, then try again.",
    SERVED: "Wait until it is done, or end it (Ctrl+C), then try again: a server that runs would "
    "lose what it writes into a database that is replaced.",
}


@contextmanager
def held(root: Path, command: str, wait: float, name: str = COMMAND) -> Iterator[None]:
    """Hold a lock of the workspace in the folder while the block runs; `wait` is in seconds.

    Raises WorkspaceBusy, naming the holder, where another command keeps it for longer, and
    CannotWrite and LinkRefused where there can be no lock file.
    """
    path = root / ".lab" / name
    with files.writing(path):
        handle = regular_files.opened(path, os.O_RDWR | os.O_CREAT, root)
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                acquire(handle)
                break
            except (BlockingIOError, PermissionError) as error:
                if time.monotonic() >= deadline:
                    raise _busy(path, root, REMEDIES[name]) from error
            time.sleep(_PAUSE)
        try:
            _sign(handle, _holder(command))
            yield
        finally:
            # By word, not by closing: a forked child may have the handle open as well.
            _sign(handle, b"")
            _release(handle)
    finally:
        os.close(handle)


def _holder(command: str) -> bytes:
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    return json.dumps({"command": command, "pid": os.getpid(), "since": since}).encode()


def _sign(handle: int, content: bytes) -> None:
    # The signature is a courtesy to the one who waits; on a full disk the lock holds without it,
    # and a file that has another name elsewhere is not the lab's to write into.
    with suppress(OSError):
        if os.fstat(handle).st_nlink == 1:
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, content)


def _busy(path: Path, root: Path, remedy: str) -> WorkspaceBusy:
    try:
        holder = json.loads(files.read(path, root))
        said = f"`{holder['command']}` (process {holder['pid']}, since {holder['since']})"
    except (OSError, LabError, ValueError, KeyError, TypeError, RecursionError):
        said = "Another command"
    return WorkspaceBusy(f"{said} is using the workspace {root}.", remedy)
