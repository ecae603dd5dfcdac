"""A database as of its last commit, opened without a trace beside the original."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from tempfile import TemporaryDirectory

from lab.model import DatabaseLocked, LabError, NotADatabase
from lab.workspace.files import cannot_write, unreadable

SIDECARS = ("-wal", "-shm", "-journal")
WAIT = 2.0  # seconds for a lock
LONGEST_PATH = 500  # bytes; SQLite opens no file whose path has some more, with "-journal"
DELETE_IT = "If you need nothing from it, delete it: the API makes a new one when it starts."

_TRIES = 6
# Seconds. File systems stamp times a few milliseconds apart, so that a younger stamp does not
# tell whether the file changed again after it was read.
_STILL = 0.02


def sidecar(path: Path, ending: str) -> Path:
    """Return the path of the file that SQLite keeps beside a database."""
    return path.with_name(path.name + ending)


@contextmanager
def opened(source: Path) -> Iterator[sqlite3.Connection]:
    """Open a private copy of the database, as of its last commit, for the length of the block.

    Raises NotADatabase, DatabaseLocked, CannotWrite, Unreadable.
    """
    with TemporaryDirectory(prefix="lab-") as name:
        private = Path(name) / "copy.db"
        try:
            # SQLite keeps its files beside what a link points at. Some lead to themselves.
            real = Path(os.path.realpath(source))
            if not _copied_still(real, private):
                _copy_live(real, private)
        except FileNotFoundError as error:
            raise NotADatabase(
                f"There is no database {source}.", "Start the API once: it makes the file."
            ) from error
        except shutil.SpecialFileError as error:  # a pipe, which would be waited for
            raise NotADatabase(f"{source} is no file.", "Remove it.") from error
        except (PermissionError, IsADirectoryError) as error:
            # What SQLite keeps beside the file is copied as well, and may be what it is about.
            raise unreadable(error, Path(error.filename or source)) from error
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise NotADatabase(f"{source} is a link to itself.", "Remove it.") from error
            raise cannot_write(error, private) from error
        with closing(sqlite3.connect(private, isolation_level=None)) as database:
            with explaining(source):
                # The first read plays back a journal, and finds out what is no database.
                database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            database.text_factory = lambda raw: raw.decode("utf-8", "replace")
            yield database


def explained(error: sqlite3.Error, path: Path) -> LabError:
    """Return the lab's error for SQLite's, about the database at this path."""
    match code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _locked(path)
        case sqlite3.SQLITE_FULL:
            return cannot_write(OSError(28, "No space left on device"), path)
        case sqlite3.SQLITE_CANTOPEN if len(os.fsencode(path.absolute())) > LONGEST_PATH:
            return cannot_write(OSError(errno.ENAMETOOLONG, "Its path is too long"), path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return cannot_write(PermissionError(13, "Permission denied"), path)
        case sqlite3.SQLITE_IOERR:
            return cannot_write(OSError(5, str(error)), path)
    return NotADatabase(_no_database(path, str(error)), DELETE_IT)


def _no_database(path: Path, why: str) -> str:
    return f"{path.name} is no database that SQLite can read: {why}."


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Turn SQLite's errors inside the block into the lab's, about the database at this path."""
    try:
        yield
    except sqlite3.Error as error:
        raise explained(error, path) from error
    except UnicodeDecodeError as error:  # a name in a damaged schema, in the words of SQLite
        raise NotADatabase(_no_database(path, "its schema is no text"), DELETE_IT) from error


def _copied_still(source: Path, private: Path) -> bool:
    """Copy the files of a database at a moment when nobody wrote; tell whether there was one."""
    for _ in range(_TRIES):
        before = _stamps(source)
        age = time.time() - max(stamp[0] for stamp in before.values()) / 1e9
        if 0 <= age < _STILL:
            time.sleep(_STILL)
            continue
        try:
            for ending in before:
                shutil.copyfile(sidecar(source, ending), sidecar(private, ending))
            if _stamps(source) == before:
                return True
        except FileNotFoundError:
            pass  # a log that its last reader has just removed
        for ending in ("", *SIDECARS):
            sidecar(private, ending).unlink(missing_ok=True)
    return False


def _stamps(source: Path) -> dict[str, tuple[int, int, int]]:
    """Return time of change (ns), size and identity of the files of a database, by ending."""
    found = {}
    for ending in ("", "-wal", "-journal"):
        path = sidecar(source, ending)
        try:
            status = path.lstat()
        except FileNotFoundError:
            if not ending:
                raise
            continue
        if ending and not (S_ISREG(status.st_mode) or S_ISDIR(status.st_mode)):
            continue
        found[ending] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def _copy_live(source: Path, private: Path) -> None:
    address = f"{source.as_uri()}?mode=ro"
    with (
        explaining(source),
        closing(sqlite3.connect(address, uri=True, timeout=0)) as live,
        closing(sqlite3.connect(private)) as target,
    ):
        # Asks often: a busy writer leaves short gaps only.
        live.backup(target, progress=until(WAIT, source), sleep=0.002)


def until(wait: float, path: Path) -> Callable[[int, int, int], None]:
    """Return what ends a backup that waits for a lock; Python alone would wait for ever."""
    deadline = time.monotonic() + wait

    def look(status: int, remaining: int, total: int) -> None:
        waiting = status & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        if waiting and time.monotonic() > deadline:
            raise _locked(path)

    return look


def _locked(path: Path) -> DatabaseLocked:
    return DatabaseLocked(
        f"{path.name} is locked by another program.",
        "Stop the server or the program that has it open, then try again.",
    )


def code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code; 0 for an error of the Python module itself."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
