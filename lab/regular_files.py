"""Regular files, reached without following a link: the folder may be somebody else's."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from lab.model import LinkRefused

LARGEST_SOURCE = 50 * 1024 * 1024  # bytes; a larger file is no source

# Where the system opens files relative to an open folder, none can be exchanged for a link between
# the look at it and the use of it.
_HANDLES = {os.open, os.mkdir, os.unlink, os.rename} <= os.supports_dir_fd
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class Parent:
    """The folder that a file is in, held open where the system can do so."""

    path: Path
    handle: int | None

    def named(self, name: str) -> str:
        """Return what to call a file in it, together with the handle."""
        return name if self.handle is not None else str(self.path / name)


@contextmanager
def parent(path: Path, root: Path | None = None, *, make: bool = False) -> Iterator[Parent]:
    """Give the folder that the file is in, reached from `root` without following a link.

    `root` itself may be one, and is the folder itself if it is not named. `make` makes the
    folders that are missing. Raises LinkRefused, OSError.
    """
    root = root or path.parent
    folders = path.relative_to(root).parts[:-1]
    if not _HANDLES:
        _must_be_folders(root, folders, make)
        yield Parent(path.parent, None)
        return
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        here = root
        for name in folders:
            here /= name
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=handle)
            try:
                below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            except OSError as error:
                raise _refused(here, error) from error
            os.close(handle)
            handle = below
        yield Parent(path.parent, handle)
    finally:
        os.close(handle)


def opened(path: Path, flags: int, root: Path | None = None, *, make: bool = False) -> int:
    """Return a handle of the regular file, opened without following a link beneath `root`.

    It never waits, as for the other end of a pipe. `make` as for parent().
    Raises LinkRefused, OSError.
    """
    with parent(path, root, make=make) as folder:
        if not _HANDLES and is_link(path):
            raise refused(path)
        try:
            handle = os.open(folder.named(path.name), flags | _SAFELY, 0o666, dir_fd=folder.handle)
        except OSError as error:
            raise _refused(path, error) from error
    kind = os.fstat(handle).st_mode
    if S_ISREG(kind):
        return handle
    os.close(handle)
    number = errno.EISDIR if S_ISDIR(kind) else errno.ENXIO
    raise OSError(number, "It is no ordinary file", str(path))


def read(path: Path, root: Path | None = None, limit: int = LARGEST_SOURCE) -> bytes:
    """Return the content of a regular file of at most `limit` bytes.

    No link below `root`, its folder if none is named, is followed. Raises LinkRefused, OSError.
    """
    with os.fdopen(opened(path, os.O_RDONLY, root), "rb") as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, "It is larger than the lab reads", str(path))
    return content


def is_link(path: Path) -> bool:
    """Tell whether a path is a symbolic link, or what Windows calls a junction."""
    is_junction = getattr(os.path, "isjunction", None)  # since Python 3.12
    return path.is_symlink() or (is_junction is not None and is_junction(path))


def refused(path: Path) -> LinkRefused:
    """Return the error for a link where the lab follows none."""
    return LinkRefused(
        f"{path} is a link, and the lab follows no links there.",
        "It may lead to anybody's file. Put what it leads to in its place, or remove it.",
    )


def _refused(path: Path, error: OSError) -> LinkRefused | OSError:
    """Return the error to raise where a path could not be opened: a link has a word of its own."""
    links = (errno.ELOOP, errno.EMLINK, errno.ENOTDIR)  # each system has one of them for it
    return refused(path) if error.errno in links and is_link(path) else error


def _must_be_folders(root: Path, folders: tuple[str, ...], make: bool) -> None:
    here = root
    for name in folders:
        here /= name
        if make:
            here.mkdir(exist_ok=True)
        if is_link(here):
            raise refused(here)
