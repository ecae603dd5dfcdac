"""Records what SQLite asks of the disk: every write, truncation, sync and deletion, in order.

And what the app itself syncs of these files.

The recorder stands in front of SQLite's own file layer (its default VFS, https://sqlite.org/vfs.html)
and passes every call on, so that the app behaves as without it.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

HEADER = struct.Struct("=cHqq")  # kind, bytes of the name, offset or size, bytes of the data
WRITE, TRUNCATE, SYNC, DELETE = b"w", b"t", b"s", b"d"

_POINTER, _INT, _INT64 = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
_OPEN = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _POINTER, _INT, _POINTER)
_DELETE = ctypes.CFUNCTYPE(_INT, _POINTER, ctypes.c_char_p, _INT)
_CLOSE = ctypes.CFUNCTYPE(_INT, _POINTER)
_WRITE = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT, _INT64)
_TRUNCATE = ctypes.CFUNCTYPE(_INT, _POINTER, _INT64)
_SYNC = ctypes.CFUNCTYPE(_INT, _POINTER, _INT)


class _Vfs(ctypes.Structure):
    """sqlite3_vfs, as far as it is read here; the methods after xDelete are copied unread."""

    _fields_ = [
        ("iVersion", _INT),
        ("szOsFile", _INT),
        ("mxPathname", _INT),
        ("pNext", _POINTER),
        ("zName", ctypes.c_char_p),
        ("pAppData", _POINTER),
        ("xOpen", _POINTER),
        ("xDelete", _POINTER),
        *((f"rest{n}", _POINTER) for n in range(14)),
    ]


class _Methods(ctypes.Structure):
    """sqlite3_io_methods: what an open file can do."""

    _fields_ = [
        ("iVersion", _INT),
        ("xClose", _POINTER),
        ("xRead", _POINTER),
        ("xWrite", _POINTER),
        ("xTruncate", _POINTER),
        ("xSync", _POINTER),
        *((f"rest{n}", _POINTER) for n in range(13)),
    ]


def record(log: Path) -> None:
    """Record into a file from now on, until this process ends."""
    _Recorder(log)  # atexit keeps it


def can_record() -> bool:
    """Return whether the SQLite behind Python's sqlite3 module lets its file layer be replaced.

    Where it is built into that module, its functions may not be there for others.
    """
    return hasattr(_sqlite(), "sqlite3_vfs_register")


def _sqlite() -> ctypes.CDLL:
    import _sqlite3

    return ctypes.CDLL(_sqlite3.__file__)


class _Recorder:
    """The recording file layer of one process."""

    def __init__(self, log: Path) -> None:
        library = _sqlite()
        library.sqlite3_vfs_find.restype = _POINTER
        self._register: Any = library.sqlite3_vfs_register
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()
        self._base = _Vfs.from_address(library.sqlite3_vfs_find(None))
        self._names: dict[int, bytes] = {}  # of each open file, by the address of its structure
        self._originals: dict[int, int] = {}  # of each open file, the methods that it came with
        self._tables: dict[int, tuple[_Methods, tuple[Any, ...]]] = {}  # ours, by the original's
        self._open = _OPEN(self._base.xOpen)
        self._delete = _DELETE(self._base.xDelete)
        self._callbacks = (_OPEN(self._opened), _DELETE(self._deleted))
        ours = _Vfs()
        ctypes.pointer(ours)[0] = self._base
        ours.pNext, ours.zName = None, b"recording"
        ours.xOpen, ours.xDelete = (ctypes.cast(c, _POINTER).value for c in self._callbacks)
        self._ours = ours
        self._register(ctypes.byref(ours), 1)
        for name in ("fsync", "fdatasync"):
            if sync := getattr(os, name, None):
                setattr(os, name, self._by_hand(sync))
        # A connection may outlive this module: its files then close by their own methods again.
        atexit.register(self._leave)

    def _leave(self) -> None:
        self._register(ctypes.byref(self._base), 1)
        for file, methods in self._originals.items():
            _POINTER.from_address(file).value = methods

    def _record(self, kind: bytes, name: bytes, number: int = 0, data: bytes = b"") -> None:
        record = HEADER.pack(kind, len(name), number, len(data)) + name + data
        with self._lock:
            os.write(self._log, record)

    def _by_hand(self, sync: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return what syncs as well, and records it where it was one of SQLite's files."""

        @functools.wraps(sync)
        def synced(file: Any) -> None:
            sync(file)
            status = os.fstat(file if isinstance(file, int) else file.fileno())
            for name in {*self._names.values()}:
                with contextlib.suppress(OSError):
                    if os.path.samestat(Path(os.fsdecode(name)).stat(), status):
                        self._record(SYNC, name)

        return synced

    def _opened(self, vfs: int, name: int, file: int, flags: int, out: int) -> int:
        code = self._open(ctypes.addressof(self._base), name, file, flags, out)
        methods = _POINTER.from_address(file).value
        if code == 0 and name and methods:
            self._names[file] = ctypes.string_at(name)
            self._originals[file] = methods
            if methods not in self._tables:
                self._tables[methods] = self._recording(_Methods.from_address(methods))
            _POINTER.from_address(file).value = ctypes.addressof(self._tables[methods][0])
        return int(code)

    def _deleted(self, vfs: int, name: bytes, sync_folder: int) -> int:
        self._record(DELETE, name, sync_folder)
        return int(self._delete(ctypes.addressof(self._base), name, sync_folder))

    def _recording(self, original: _Methods) -> tuple[_Methods, tuple[Any, ...]]:
        """Return a table of methods that record, and the functions that it points to."""
        close, write = _CLOSE(original.xClose), _WRITE(original.xWrite)
        truncate, sync = _TRUNCATE(original.xTruncate), _SYNC(original.xSync)

        def closed(file: int) -> int:
            self._names.pop(file, None)
            self._originals.pop(file, None)
            return int(close(file))

        def written(file: int, data: int, size: int, offset: int) -> int:
            self._record(WRITE, self._names[file], offset, ctypes.string_at(data, size))
            return int(write(file, data, size, offset))

        def truncated(file: int, size: int) -> int:
            self._record(TRUNCATE, self._names[file], size)
            return int(truncate(file, size))

        def synced(file: int, flags: int) -> int:
            # Recorded when it has returned: only then does SQLite rely on it.
            code = int(sync(file, flags))
            self._record(SYNC, self._names[file])
            return code

        calls: tuple[Any, ...] = (
            _CLOSE(closed), _WRITE(written), _TRUNCATE(truncated), _SYNC(synced),
        )  # fmt: skip
        ours = _Methods()
        ctypes.pointer(ours)[0] = original
        ours.xClose, ours.xWrite, ours.xTruncate, ours.xSync = (
            ctypes.cast(call, _POINTER).value for call in calls
        )
        return ours, calls
