"""Temporary files of one command, all below one folder that outlives no command for long."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR

from lab import regular_files
from lab.model import CannotWrite, LabError
from lab.workspace import files, lock

PREFIX = "persistence-lab-"  # nobody calls a folder of their own so
MARK = files.IN_USE  # locked as long as the process lives to which the folder belongs
OLD = 24 * 60 * 60  # seconds, after which a folder without a mark belongs to nobody
ROOM = 5_000_000  # bytes; a few small servers with their databases need less at a time
FILES = 200  # that can still be made


@contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """Give a folder that goes with the block, however deep what a program has made in it is."""
    temporary = tempfile.TemporaryDirectory(prefix=prefix)
    try:
        yield Path(temporary.name)
    finally:
        try:
            temporary.cleanup()
        except (OSError, RecursionError):  # deeper than Python goes, or than files can be open
            remove(Path(temporary.name))


def remove(folder: Path) -> None:
    """Delete a folder and all that is in it, however deep. Raises OSError."""
    folders = [folder]
    while folders:
        here = folders.pop()
        inside = []
        here.chmod(0o700)
        for entry in list(os.scandir(here)):
            if entry.is_dir(follow_symlinks=False):
                # Moved up: a path that leads far down may be too long for the system.
                moved = folder / f"{PREFIX}{secrets.token_hex(8)}"
                Path(entry).chmod(0o700)
                inside.append(Path(entry).rename(moved))
            else:
                Path(entry).unlink()
        if here != folder:
            here.rmdir()
        folders += inside
    folder.rmdir()


def must_have_room() -> None:
    """Raise CannotWrite where the disk for temporary files is as good as full."""
    folder = outside()
    full = shutil.disk_usage(folder).free < ROOM
    if hasattr(os, "statvfs"):
        disk = os.statvfs(folder)
        full = full or (disk.f_files > 0 and disk.f_favail < FILES)  # some systems do not count
    if full:
        raise CannotWrite(
            f"There is hardly any room left for temporary files, in {folder}.",
            "Free some space, or name another folder: TMPDIR=/some/folder lab ...",
        )


def outside() -> Path:
    """Return the folder for temporary files that the system has, also inside own_folder()."""
    folder = Path(tempfile.gettempdir())
    return folder.parent if folder.name.startswith(PREFIX) else folder


@contextmanager
def own_folder() -> Iterator[None]:
    """Put every temporary file of this process below one folder, which goes with the block.

    What processes that were killed have left of theirs goes first.
    """
    try:
        given = Path(tempfile.gettempdir()).absolute()  # TMPDIR=. is elsewhere for a server
    except FileNotFoundError:  # nowhere to write; most commands never need to
        yield
        return
    _sweep(given)
    folder, handle = _made(given)
    try:
        tempfile.tempdir = str(folder)
        yield
    finally:
        tempfile.tempdir = str(given)
        _remove(folder)
        if handle is not None:
            os.close(handle)


def _made(given: Path) -> tuple[Path, int | None]:
    """Return a new folder with its mark. Another command may clear one that is still empty."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=given))
        with suppress(FileNotFoundError):
            return folder, _mark(folder)


def _mark(folder: Path) -> int | None:
    """Return the handle that holds the lock; None where the system has no such locks.

    Raises FileNotFoundError where the folder is gone.
    """
    unlocked = folder / f"{MARK}-not-yet"
    try:
        handle = os.open(unlocked, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    try:
        lock.acquire(handle)
        unlocked.rename(folder / MARK)  # nobody ever sees the mark without its lock
    except OSError:
        os.close(handle)
        return None
    return handle


def _sweep(given: Path) -> None:
    """Remove the folders whose mark nobody holds any more; without one, if empty or old."""
    for folder in given.glob(f"{PREFIX}*"):
        with suppress(OSError, LabError):
            found = folder.lstat()
            if not S_ISDIR(found.st_mode) or (
                hasattr(os, "getuid") and found.st_uid != os.getuid()
            ):
                continue
            try:
                handle = regular_files.opened(folder / MARK, os.O_RDWR)
            except FileNotFoundError:
                if time.time() - found.st_mtime > OLD:
                    _remove(folder)
                else:
                    folder.rmdir()  # only if it is empty
                continue
            try:
                lock.acquire(handle)
                _remove(folder)
            finally:
                os.close(handle)


def _remove(folder: Path) -> None:
    """Delete a folder, its mark last: where a kill cuts this short, the next command goes on."""
    for path in folder.iterdir():
        if path.name != MARK:
            _remove_all(path)
            with suppress(OSError):
                path.unlink(missing_ok=True)
    _remove_all(folder)


def _remove_all(folder: Path) -> None:
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        with suppress(OSError):
            remove(folder)
