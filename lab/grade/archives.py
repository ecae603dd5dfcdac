"""Unpacks an archive that may have been made to do harm."""

from __future__ import annotations

import io
import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from lab.model import NotPossible
from lab.workspace import files
from lab.workspace.workspace import STATE

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MOST_FILES = 20_000  # a virtual environment that was handed in as well has half of that
MOST_ENTRIES = 5 * MOST_FILES  # with folders and links
MOST_BYTES = 200_000_000  # unpacked
MOST_RATIO = 200  # unpacked to packed; source code comes to 10
LONGEST_NAME = 4_096  # as of a path on Linux
FREE_BYTES = 10_000_000  # up to which no ratio matters
ENCRYPTED = 1  # a flag of a file in a zip
JOURNAL = f"{STATE}/journal.jsonl"
BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, RuntimeError,
    NotImplementedError, ValueError, MemoryError,
)  # fmt: skip


class BadArchive(NotPossible):
    """An archive that cannot be unpacked, or should not be."""


@dataclass(frozen=True)
class Member:
    """What an archive holds under one name."""

    name: str
    size: int
    is_file: bool
    open: Callable[[], IO[bytes] | None]  # None for what is no file


def project_of(archive: Path, into: Path, name: str = "") -> Path:
    """Unpack what was handed in into an empty folder; `name` is said of it.

    Returns the folder that the project is in. Where one archive is in it and no Python file, as in
    what learning platforms make of an upload, that is unpacked as well. Raises as unpack() does,
    and Unreadable.
    """
    folder = _unpacked(archive, into / "handed-in", name)
    held = files.walk(folder).files
    inner = [path for path in held if path.lower().endswith(ENDINGS)]
    if len(inner) == 1 and not any(path.endswith(".py") for path in held):
        return _unpacked(folder / inner[0], into / "inner", inner[0])
    return folder


def _unpacked(archive: Path, into: Path, name: str) -> Path:
    into.mkdir()
    unpack(archive, into, name)
    return project_in(into)


def unpack(archive: Path, into: Path, name: str = "") -> None:
    """Write the files of a zip or tar archive into an empty folder; `name` is said of it.

    What tools have made is left out, and so is everything that is no file. Raises BadArchive, for
    one with a path that leads elsewhere, and for one that is too large, too; CannotWrite where the
    disk is full.
    """
    packed = archive.stat().st_size
    said = Path(name or archive.name)
    count = size = 0
    try:
        with closing(_members(archive, said)) as members:
            for entries, member in enumerate(members, start=1):
                count += member.is_file
                if count > MOST_FILES or entries > MOST_ENTRIES:
                    raise _bad(said, f"it holds more than {MOST_FILES:,} files")
                if member.size < 0:
                    raise _bad(said, "a size in it is below 0")
                size += member.size
                if size > MOST_BYTES:
                    raise _bad(said, f"it holds more than {MOST_BYTES // 1_000_000} MB")
                if size > FREE_BYTES and size > packed * MOST_RATIO:
                    raise _bad(said, f"it grows to more than {MOST_RATIO} times its size")
                if not member.is_file:
                    continue
                path = _inside(said, member.name)
                if files.is_passed_over(path) and not path.match(JOURNAL):
                    continue
                target = into / path
                target.parent.mkdir(parents=True, exist_ok=True)
                # A file may be in it twice, as after `tar -r`: the last one counts. It is written
                # through no link, as none is made.
                opened = member.open()
                assert opened is not None
                with opened as source, target.open("wb") as written:
                    _copy(source, written, member.size, said)
    except BadArchive:
        raise
    except OSError as error:  # its own words name a folder of the lab's
        if error.errno in files.CAUSES:  # this machine cannot hold it: no fault of who packed it
            raise files.cannot_write(error, into) from error
        raise _bad(said, error.strerror or type(error).__name__) from error
    except BROKEN as error:
        raise _bad(said, str(error) or type(error).__name__) from error


def _bad(archive: Path, why: str) -> BadArchive:
    return BadArchive(
        f"{archive.name} cannot be unpacked: {why}.", "Have the project packed again, as a zip."
    )


def _inside(archive: Path, name: str) -> PurePosixPath:
    if len(name) > LONGEST_NAME:  # before anybody takes it apart
        raise _bad(archive, "a name in it is too long")
    path = PurePosixPath(name.replace("\\", "/"))
    has_drive = PureWindowsPath(name).drive != ""
    if path.is_absolute() or ".." in path.parts or has_drive or "\0" in name:
        raise _bad(archive, f"{name!r} leads out of it")
    if len(path.parts) > files.DEEPEST:
        raise _bad(archive, f"it has more than {files.DEEPEST} folders, one inside the other")
    return path


def _copy(source: IO[bytes], target: IO[bytes], size: int, archive: Path) -> None:
    """Copy so many bytes; one that holds more than it says is bad."""
    left = size
    while data := source.read(min(1 << 16, left + 1)):
        left -= len(data)
        if left < 0:
            raise _bad(archive, "a file in it is larger than it says")
        target.write(data)


def _members(archive: Path, said: Path) -> Generator[Member]:
    """Yield what an archive holds, which can be opened until the next one is asked for."""
    if tarfile.is_tarfile(archive):  # first: one whose last file is a zip is taken for a zip, too
        with tarfile.open(archive) as tar:
            for info in tar:
                yield Member(info.name, info.size, info.isreg(), partial(tar.extractfile, info))
    elif zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for entry in packed.infolist():
                if entry.flag_bits & ENCRYPTED:
                    raise RuntimeError("it needs a password")
                is_link = entry.external_attr >> 28 == 0o12
                is_file = not entry.is_dir() and not is_link
                yield Member(entry.filename, entry.file_size, is_file, partial(packed.open, entry))
    else:
        raise _bad(said, "it is neither a zip nor a tar archive")


def project_in(folder: Path) -> Path:
    """Return the folder that the project is in: many archives hold one folder, and all in it."""
    while True:
        shown = [p for p in folder.iterdir() if not p.name.startswith((".", "__MACOSX"))]
        if len(shown) != 1 or not shown[0].is_dir() or shown[0].is_symlink():
            return folder
        if any(shown[0].glob("*.py")) or (folder / STATE).exists():
            return folder  # a package, or a project that the lab finds one folder down
        folder = shown[0]


def hand_over(source: Path, inbox: Path) -> Path:
    """Put what was handed in into a folder, as one archive, and return that.

    Of a folder, links and what tools have made stay behind; one file of Python is a main.py.
    Raises BadArchive where it is too large, Unreadable, LinkRefused, OSError.
    """
    archive = inbox / "submission"
    if source.is_dir():
        tree = files.walk(source)
        found = {path: source / path for path in tree.files}
        if (source / JOURNAL).is_file():
            found[JOURNAL] = source / JOURNAL
    elif source.suffix.lower() == ".py":
        found = {"main.py": source}
    else:
        if not source.is_file():
            raise _bad(source, "it is no file")  # a pipe, say, of which nothing may ever come
        if source.stat().st_size > MOST_BYTES:
            raise _bad(source, f"it is larger than {MOST_BYTES // 1_000_000} MB")
        shutil.copyfile(source, archive)
        return archive
    left = MOST_BYTES
    with tarfile.open(archive, "w") as packed:
        for path, place in found.items():
            content = files.read(place, source if source.is_dir() else None)
            left -= len(content)
            if left < 0:
                raise _bad(source, f"it holds more than {MOST_BYTES // 1_000_000} MB")
            info = tarfile.TarInfo(path)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    return archive
