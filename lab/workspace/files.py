"""Reading a learner's folder and writing into it, so that a crash leaves whole files."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath
from stat import S_IMODE, S_ISDIR, S_ISREG

from lab import regular_files
from lab.model import CannotWrite, Unreadable

BIG = regular_files.LARGEST_SOURCE

DEEPEST = 100  # folders inside each other; no project has so many
LONGEST_NAME = 255  # bytes of one, on nearly every system
IN_USE = ".lab-in-use"  # what marks a folder of temporary files

# Made by tools and editors, and made again by them: never copied, never stored, never changed.
PASSED_OVER = frozenset(
    {
        ".lab", ".git", ".hg", ".svn", ".venv", "__pycache__", "node_modules", ".tox", ".nox",
        ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".idea", ".vscode",
    }
)  # fmt: skip
PASSED_OVER_ENDINGS = (
    ".pyc", ".pyo", ".lab-tmp", "~", ".swp", ".swo", ".swx", ".crswap",
    "___jb_tmp___", "___jb_old___",
)  # fmt: skip

CAUSES = {
    errno.ENOSPC: ("the disk is full", "Free some space, then try again."),
    errno.EDQUOT: ("your disk quota is used up", "Free some space, then try again."),
    errno.EFBIG: ("the file would become too large", "Free some space, then try again."),
    errno.EROFS: ("the disk is read-only", "Choose a folder on a disk that can be written to."),
}
NO_RIGHT = ("you may not write there", "Choose a folder that is yours, or ask for the right.")


def is_passed_over(path: PurePath) -> bool:
    """Tell whether the lab leaves this path alone, relative to the folder, in each spelling."""
    return path.name.lower().endswith(PASSED_OVER_ENDINGS) or any(
        part.lower() in PASSED_OVER for part in path.parts
    )


@dataclass(frozen=True)
class Tree:
    """What a folder holds, as paths relative to it with forward slashes, sorted."""

    files: list[str]
    big: list[str]  # regular files of more than BIG bytes
    links: list[str]  # symbolic links, dangling ones too
    folders: list[str]
    strange: list[str]  # sockets, pipes, devices


def walk(folder: Path) -> Tree:
    """Return what lies in the folder, without what tools made. Links are not followed.

    Raises Unreadable where a folder may not be listed, or where too many lie inside each other.
    """
    tree = Tree([], [], [], [], [])
    waiting = [""]
    while waiting:
        below = waiting.pop()
        if below.count("/") > DEEPEST:
            deep = folder / below.partition("/")[0]
            raise Unreadable(
                f"{deep} has more than {DEEPEST} folders, one inside the other.",
                "Move it out of the folder.",
            )
        try:
            entries = list(os.scandir(folder / below))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise unreadable(error, folder / below) from error
        for entry in entries:
            path = f"{below}{entry.name}"
            try:
                if _is_made_by_tools(entry):
                    continue
                group = _group_of(entry, tree)
            except FileNotFoundError:  # an editor's temporary file comes and goes
                continue
            except PermissionError as error:  # of a folder that may not be entered
                raise unreadable(error, folder / path) from error
            group.append(path)
            if group is tree.folders:
                waiting.append(f"{path}/")
    for group in (tree.files, tree.big, tree.links, tree.folders, tree.strange):
        group.sort()
    return tree


def _is_made_by_tools(entry: os.DirEntry[str]) -> bool:
    if Path(entry).is_dir():
        marks = ("pyvenv.cfg", IN_USE)
        is_named = entry.name.lower() in PASSED_OVER
        return is_named or any(Path(entry, mark).exists() for mark in marks)
    # By the rule that is asked of a snapshot: what is stored can be read back.
    return is_passed_over(PurePath(entry.name)) or entry.name == ".DS_Store"


def _group_of(entry: os.DirEntry[str], tree: Tree) -> list[str]:
    """Return the part of the tree that an entry belongs to. Raises FileNotFoundError."""
    if entry.is_symlink():
        return tree.links
    status = entry.stat(follow_symlinks=False)
    if S_ISDIR(status.st_mode):
        return tree.folders
    if S_ISREG(status.st_mode):
        return tree.big if status.st_size > BIG else tree.files
    return tree.strange


def read(path: Path, root: Path | None = None, limit: int = BIG) -> bytes:
    """Return the content of a file, as regular_files.read() does.

    Raises Unreadable, LinkRefused, or FileNotFoundError.
    """
    try:
        return regular_files.read(path, root, limit)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unreadable(error, path) from error


def mode_of(path: Path) -> int:
    """Return the permission bits of a file."""
    return S_IMODE(path.stat().st_mode)


def write(path: Path, content: bytes, mode: int | None = None, root: Path | None = None) -> None:
    """Put the content in the place of the file, whole or not at all, and on the disk.

    No link below `root`, the file's folder if none is named, is followed; folders are made.
    Raises OSError, LinkRefused; the file is then as it was.
    """
    temporary = temporary_for(path)
    try:
        write_through(temporary, content, mode, root)
        rename(temporary, path.name, root)
    except OSError:
        with suppress(OSError):
            remove(temporary, root)
        raise


def temporary_for(path: Path) -> Path:
    """Return the name under which new content waits beside the file that it will replace.

    Of a name so long that it has no room for more, only a digest is in it.
    """
    own = path.name
    if len(os.fsencode(own)) > LONGEST_NAME - len("..lab-tmp"):
        own = sha256(os.fsencode(own)).hexdigest()
    return path.with_name(f".{own}.lab-tmp")


def write_through(
    path: Path, content: bytes, mode: int | None = None, root: Path | None = None
) -> None:
    """Write a new file, in the place of what is there, and wait until it is on the disk.

    Raises OSError, LinkRefused.
    """
    remove(path, root)  # never written through: it may be a link, or have a second name
    handle = regular_files.opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, root, make=True)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(stream.fileno(), mode)
        elif mode is not None:
            path.chmod(mode)


def rename(path: Path, name: str, root: Path | None = None) -> None:
    """Give a file another name in its folder, also one that is taken, on the disk.

    Raises OSError, LinkRefused.
    """
    with regular_files.parent(path, root) as folder:
        os.replace(
            folder.named(path.name),
            folder.named(name),
            src_dir_fd=folder.handle,
            dst_dir_fd=folder.handle,
        )
        if folder.handle is not None:
            os.fsync(folder.handle)


def remove(path: Path, root: Path | None = None) -> None:
    """Delete a file where there is one. Raises OSError, LinkRefused."""
    with suppress(FileNotFoundError), regular_files.parent(path, root) as folder:
        os.unlink(folder.named(path.name), dir_fd=folder.handle)


def sync_folder(folder: Path) -> None:
    """Wait until a rename in this folder is on the disk, where the system can tell."""
    if os.name == "nt":  # Windows opens no folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def cannot_write(error: OSError, what: Path) -> CannotWrite:
    """Return the error for the learner: the cause in plain words, and what to do."""
    told = error.strerror or str(error)
    unknown = (told[:1].lower() + told[1:], "Look at the disk and the folder, then try again.")
    known = NO_RIGHT if isinstance(error, PermissionError) else unknown
    cause, remedy = CAUSES.get(error.errno or 0, known)
    return CannotWrite(f"Cannot write {what}: {cause}.", remedy)


@contextmanager
def writing(what: Path) -> Iterator[None]:
    """Raise CannotWrite where the system refuses what the block writes."""
    try:
        yield
    except OSError as error:
        raise cannot_write(error, what) from error


def unreadable(error: OSError, what: Path) -> Unreadable:
    """Return the error for a file or folder that cannot be read."""
    told = error.strerror or str(error)
    remedy = "Move it out of the folder."
    if isinstance(error, PermissionError):
        remedy = "Give yourself the right to read it, or move it out of the folder."
    return Unreadable(f"Cannot read {what}: {told[:1].lower()}{told[1:]}.", remedy)
