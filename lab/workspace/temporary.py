"""Temporary files of one command, all below one folder that outlives no command for long."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR

from lab.workspace import lock

PREFIX = "lab-"
MARK = ".lab-in-use"  # locked as long as the process lives to which the folder belongs


@contextmanager
def own_folder() -> Iterator[None]:
    """Put every temporary file of this process below one folder, which goes with the block.

    What processes that were killed have left of theirs goes first.
    """
    try:
        outside = tempfile.gettempdir()
    except FileNotFoundError:  # nowhere to write; most commands never need to
        yield
        return
    _sweep(Path(outside))
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        handle = _mark(Path(name))
        tempfile.tempdir = name
        try:
            yield
        finally:
            tempfile.tempdir = outside
            if handle is not None:
                os.close(handle)


def _mark(folder: Path) -> int | None:
    """Return the handle that holds the lock; None where the system has no such locks."""
    unlocked = folder / f"{MARK}-not-yet"
    with suppress(OSError):
        handle = os.open(unlocked, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            lock.acquire(handle)
            unlocked.rename(folder / MARK)  # nobody ever sees the mark without its lock
        except OSError:
            os.close(handle)
            return None
        return handle
    return None


def _sweep(outside: Path) -> None:
    """Remove the folders whose mark nobody holds any more. What has no mark is not ours."""
    for mark in outside.glob(f"{PREFIX}*/{MARK}"):
        with suppress(OSError):
            found = mark.parent.lstat()
            if not S_ISDIR(found.st_mode) or (
                hasattr(os, "getuid") and found.st_uid != os.getuid()
            ):
                continue
            handle = os.open(mark, os.O_RDWR)
            try:
                lock.acquire(handle)
                shutil.rmtree(mark.parent, ignore_errors=True)
            finally:
                os.close(handle)
