"""When a file of the learner's folder is saved, and whether it can be read yet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import watchfiles

from lab.codemods.sources import UnreadableSource, python_tree
from lab.model import LabError
from lab.workspace import databases, files
from lab.workspace.private_copy import SIDECARS

STEP = 10  # milliseconds without a change that end a group of changes
DEBOUNCE = 100  # milliseconds after which a group ends, whatever still changes
LOOK = 1.0  # seconds between looks at the folder, for what the system does not report
QUIET = 0.02  # seconds for which nothing may have changed before a run

# What tools leave beside a file while it is edited, which may be the learner's own elsewhere.
# What never is theirs, such as .swp, is in files.PASSED_OVER_ENDINGS.
LEFT_ENDINGS = (".tmp", ".temp", ".bak", ".orig", ".log")

# Of each file that matters: when it changed (ns), its size, its identity.
Stamps = Mapping[str, tuple[int, int, int]]
# Of each file that matters: what is in it, or its stamp where it cannot be read.
Contents = Mapping[str, bytes | tuple[int, int, int]]


@dataclass(frozen=True)
class HalfWritten:
    """Python cannot read a file yet, so nothing is judged."""

    file: str
    line: int
    message: str


class Changes:
    """Calls a function, in a thread of its own, at every change in a folder that may matter.

    Where the system reports no changes, nothing is called: whoever waits looks every LOOK seconds.
    """

    def __init__(self, folder: Path, call: Callable[[], object]) -> None:
        self._folder = folder
        self._call = call
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._notice, name="lab-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _notice(self) -> None:
        while not self._ended.is_set():
            try:
                self._follow()
            except (OSError, LabError):  # a folder went away, or there are too many to watch
                self._ended.wait(LOOK)

    def _follow(self) -> None:
        """Watch the folders that there are now, until there are others."""
        # Not recursively: a virtual environment alone has thousands of folders.
        folders = files.walk(self._folder).folders
        for _ in watchfiles.watch(
            self._folder,
            *(self._folder / name for name in folders),
            watch_filter=lambda change, path: matters(Path(path).name),
            recursive=False,
            step=STEP,
            debounce=DEBOUNCE,
            stop_event=self._ended,
            raise_interrupt=False,
        ):
            self._call()
            if files.walk(self._folder).folders != folders:
                return


def settled(folder: Path, known: Stamps | None) -> Stamps:
    """Return the folder once nothing has changed for a moment; after a second, as it is."""
    now = stamps(folder)
    deadline = time.monotonic() + 1.0
    while now != known and time.monotonic() < deadline:
        newest = max((stamp[0] for stamp in now.values()), default=0) / 1e9
        age = time.time() - newest
        if not 0 <= age < QUIET:
            break
        time.sleep(QUIET - age)
        now = stamps(folder)
    return now


def stamps(folder: Path) -> Stamps:
    """Return what tells whether a file that matters was saved. Raises Unreadable."""
    tree = files.walk(folder)
    found = {}
    for name in (*tree.files, *tree.big, *tree.links):
        if not matters(Path(name).name):
            continue
        try:
            found[name] = _stamp(folder / name)
        except OSError:  # it comes and goes, or is a link to nothing
            continue
    return found


def contents(folder: Path, found: Stamps) -> Contents:
    """Return what is in these files, and the stamps of the databases, which are judged as well."""
    read: dict[str, bytes | tuple[int, int, int]] = dict(found)
    for name in found:
        with suppress(OSError, LabError):
            read[name] = files.read(folder / name)
    for database in databases.find(folder):
        for path in databases.files_of(database):
            with suppress(OSError):
                read[str(path)] = _stamp(path)
    return read


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def matters(name: str) -> bool:
    """Whether a change of a file of this name is a save: no database, no editor's own file."""
    lower = name.lower()
    return not (
        lower.endswith((*databases.ENDINGS, *SIDECARS, *files.PASSED_OVER_ENDINGS, *LEFT_ENDINGS))
        or name == "4913"  # vim asks by this one whether it can write here
        or name.startswith((".#", "#"))
    )


def half_written(folder: Path, names: Sequence[str] | None = None) -> list[HalfWritten]:
    """Which of these files, or of all, Python cannot read. Nothing of them is run."""
    found = []
    for name in files.walk(folder).files if names is None else names:
        if not name.endswith(".py"):
            continue
        try:
            source = files.read(folder / name)
        except (FileNotFoundError, LabError):
            continue
        try:
            python_tree(source, name)
        except UnreadableSource as error:
            found.append(HalfWritten(name, error.line, error.reason))
    return found


def changed_files(before: Stamps | None, now: Stamps) -> tuple[str, ...]:
    """Which files were saved, or went, between two looks; none before the first."""
    if before is None:
        return ()
    return tuple(
        sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    )
