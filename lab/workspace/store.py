"""The content of a folder as a value, and the place where every version of it is kept."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

from lab.model import DamagedSnapshot, LinkRefused, NotADatabase
from lab.workspace import databases, files
from lab.workspace.private_copy import SIDECARS

_SHA = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Content:
    """What one path holds. Two are equal where the content is: modes do not count."""

    sha: str  # SHA-256 of the object; a database's object has write-ahead logging off
    database: bool = False
    mode: int = field(default=0o644, compare=False)
    log: bool = field(default=False, compare=False)  # write-ahead logging


@dataclass(frozen=True)
class Manifest:
    """What a folder held at one moment, by path relative to it with forward slashes.

    A damaged database is there as a plain file, byte for byte, as is what lies beside it.
    """

    contents: Mapping[str, Content] = field(default_factory=dict)

    @property
    def files(self) -> Mapping[str, Content]:
        """The sources and other plain files."""
        return {path: found for path, found in self.contents.items() if not found.database}

    @property
    def databases(self) -> Mapping[str, Content]:
        """The databases that SQLite can read."""
        return {path: found for path, found in self.contents.items() if found.database}

    def as_json(self) -> dict[str, Any]:
        """Return plain values that from_json() reads again."""
        return {
            "files": {p: {"sha": c.sha, "mode": c.mode} for p, c in self.files.items()},
            "databases": {
                p: {"sha": c.sha, "mode": c.mode, "log": c.log} for p, c in self.databases.items()
            },
        }

    @classmethod
    def from_json(cls, found: Any) -> Manifest:
        """Return the manifest, without what the lab leaves alone.

        Raises ValueError where the values are of another shape, or lead out of the folder.
        """
        match found:
            case {"files": dict(plain), "databases": dict(kept)} if not any(
                map(leads_out, (*plain, *kept))
            ):
                contents = {path: content_from_json(entry, False) for path, entry in plain.items()}
                contents |= {path: content_from_json(entry, True) for path, entry in kept.items()}
                # An earlier lab has stored some of what is passed over today.
                return cls({path: contents[path] for path in contents if stays_inside(path)})
        raise ValueError("no manifest")


def leads_out(path: str) -> bool:
    """Tell whether a path that was read back can be none of a file in the folder.

    Raises ValueError where no file at all can have that name.
    """
    os.fsencode(path)
    found = PurePath(path)
    return not found.parts or bool(found.anchor) or ".." in found.parts or "\0" in path


def stays_inside(path: str) -> bool:
    """Tell whether a path that was read back can be one of a file that the lab changes.

    Raises as leads_out() does.
    """
    return not leads_out(path) and not files.is_passed_over(PurePath(path))


def content_from_json(found: Any, database: bool) -> Content:
    """Return the content. Raises ValueError where the values are of another shape."""
    match found:
        case {"sha": str(sha), "mode": int(mode)} if _SHA.fullmatch(sha) and 0 <= mode <= 0o7777:
            return Content(sha, database, mode, found.get("log") is True)
    raise ValueError("no content")


@dataclass(frozen=True)
class Objects:
    """Contents under the name of their SHA-256. Nothing is ever removed."""

    folder: Path

    def put(self, content: bytes) -> None:
        """Keep the content, on the disk. Raises OSError."""
        path = self.folder / hashlib.sha256(content).hexdigest()
        if self._read(path) is None:
            files.write(path, content, root=self._root)

    def get(self, sha: str) -> bytes:
        """Return the content. Raises DamagedSnapshot where it is missing or damaged."""
        content = self._read(self.folder / sha)
        if content is None:
            raise DamagedSnapshot(
                "A part of this snapshot is missing or damaged.",
                "Choose another one: `lab snapshots` lists them.",
            )
        return content

    @property
    def _root(self) -> Path:
        return self.folder.parents[1]

    def _read(self, path: Path) -> bytes | None:
        """Return the content, None where it is missing or damaged. Raises Unreadable."""
        try:
            content = files.read(path, self._root, databases.LARGEST)
        except FileNotFoundError:
            return None
        return content if hashlib.sha256(content).hexdigest() == path.name else None


@dataclass(frozen=True)
class ReadFile:
    """One path of a folder as it was read: its content, and the bytes that hold it."""

    content: Content
    data: bytes


def capture(folder: Path, keep: Objects | None = None) -> Manifest:
    """Return what the folder holds now; with `keep`, put all of it there.

    Links, big files that are no databases, and sockets and the like are not part of it, so that
    the lab never changes them. Raises Unreadable, DatabaseLocked, CannotWrite, and OSError where
    `keep` cannot be written to.
    """
    contents: dict[str, Content] = {}
    for path, found in _every(folder, files.walk(folder)):
        contents[path] = found.content
        if keep:
            keep.put(found.data)
    return Manifest(contents)


def _every(
    folder: Path, tree: files.Tree, with_databases: bool = True
) -> Iterator[tuple[str, ReadFile]]:
    """Yield every path that holds something, databases first.

    What SQLite keeps beside a database is a part of it; beside a damaged one, a file like others.
    """
    done: set[str] = set()
    for path in (*tree.files, *tree.big):
        if databases.is_database(folder / path):
            found = read_database(folder / path) if with_databases else None
            if found:
                yield path, found
            if found or not with_databases:
                done |= {path, *(path + ending for ending in SIDECARS)}
    for path in tree.files:
        if path not in done and not path.endswith("-shm"):
            with suppress(FileNotFoundError):  # an editor's temporary file comes and goes
                yield path, read_file(folder / path, folder)


def read_file(path: Path, root: Path | None = None) -> ReadFile:
    """Return a plain file as it is now; `root` and errors are those of files.read()."""
    data = files.read(path, root)
    return ReadFile(Content(hashlib.sha256(data).hexdigest(), False, files.mode_of(path)), data)


def read_database(path: Path) -> ReadFile | None:
    """Return a database as of its last commit; None where it is none, or damaged.

    Raises DatabaseLocked, CannotWrite, Unreadable.
    """
    try:
        with TemporaryDirectory(prefix="lab-") as name:
            copied = Path(name) / "copy.db"
            databases.copy(path, copied)
            data = copied.read_bytes()
    except NotADatabase:
        return None
    except OSError as error:  # no room for temporary files
        raise files.cannot_write(error, Path(error.filename or path)) from error
    log = databases.has_log(data)
    data = databases.with_log(data, False)
    sha = hashlib.sha256(data).hexdigest()
    return ReadFile(Content(sha, True, files.mode_of(path), log), data)


def look(path: Path) -> Content | None:
    """Return what one path holds now, None where it holds nothing.

    Raises Unreadable, DatabaseLocked, CannotWrite.
    """
    if databases.is_database(path) and (found := read_database(path)):
        return found.content
    with suppress(FileNotFoundError):
        return read_file(path).content
    return None


@dataclass(frozen=True)
class Copied:
    """What copy_tree() brought over, and in words what it left out."""

    manifest: Manifest
    notices: tuple[str, ...]


def copy_tree(source: Path, into: Path, with_databases: bool = True) -> Copied:
    """Copy a learner's folder into an empty one, without a trace in the source.

    Links to inside stay links, where the system allows. Links to folders elsewhere are left out,
    and so are big files that are no databases, sockets and the like. The manifest has what
    capture() would find in the copy and in the source alike.
    Raises LinkRefused for a link to a file elsewhere, Unreadable, DatabaseLocked, and OSError where
    the copy cannot be written.
    """
    tree = files.walk(source)
    contents: dict[str, Content] = {}
    notices = [f"{path} is larger than the lab copies: left out." for path in tree.big]
    notices += [f"{path} is no ordinary file: left out." for path in tree.strange]
    into.mkdir(parents=True, exist_ok=True)
    for path in tree.folders:
        (into / path).mkdir(exist_ok=True)
    for path, found in _every(source, tree, with_databases):
        contents[path] = found.content
        _write_new(into / path, found)
    for path in tree.links:
        if with_databases or not databases.is_database(source / path):
            notice = _copy_link(source, into, path)
            notices += [notice] if notice else []
            with suppress(FileNotFoundError):
                if (into / path).is_file() and not (into / path).is_symlink():
                    contents[path] = read_file(into / path).content
    return Copied(Manifest(contents), tuple(notices))


def _write_new(path: Path, found: ReadFile) -> None:
    log = found.content.log
    path.write_bytes(databases.with_log(found.data, True) if log else found.data)
    path.chmod(found.content.mode)


def _copy_link(source: Path, into: Path, path: str) -> str | None:
    """Copy one link, or what it points at; return what there is to say."""
    link = source / path
    try:
        real = link.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a circle, before Python 3.13
        return f"{path} is a link to nothing: left out."
    home = source.resolve()
    if real.is_relative_to(home):
        try:
            target = "../" * path.count("/") + real.relative_to(home).as_posix()
            (into / path).symlink_to(target, target_is_directory=real.is_dir())
            return None
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
                raise
            # Windows allows links to few users: a copy of the file serves as well.
    elif real.is_file():
        # Its content would be there for the app to print, and the app may be somebody else's.
        raise LinkRefused(
            f"{link} leads out of the folder, to {real}, and the lab follows no such link.",
            "Put a copy of the file in its place, or remove the link.",
        )
    else:
        return f"{path} is a link out of the folder: left out."
    if databases.is_database(real) and (found := read_database(real)):
        _write_new(into / path, found)
    elif real.stat().st_size > files.BIG:
        return f"{path} is larger than the lab copies: left out."
    else:
        _write_new(into / path, read_file(real))
    return None
