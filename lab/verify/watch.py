"""Judges at every save: what was saved last is always what is judged in the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

import watchfiles

from lab.codemods.sources import UnreadableSource, python_tree
from lab.model import CheckResult, LabError, Progress, Verdict
from lab.verify.verdicts import Report
from lab.workspace import databases, files
from lab.workspace.private_copy import SIDECARS

STEP = 10  # milliseconds without a change that end a group of changes
DEBOUNCE = 100  # milliseconds after which a group ends, whatever still changes
LOOK = 1.0  # seconds between looks at the folder, for what the system does not report
QUIET = 0.02  # seconds for which nothing may have changed before a run

# What editors and other tools leave beside a file while it is edited.
PASSED_OVER_ENDINGS = (
    "~", ".swp", ".swo", ".swx", ".tmp", ".temp", ".bak", ".orig", ".log", ".crswap",
    "___jb_tmp___", "___jb_old___",
)  # fmt: skip
ENDING_KEYS = frozenset("qnpu")  # what runs has no reader any more
FINAL = {Verdict.PASSED, Verdict.FAILED}  # verdicts on nothing but the files


@dataclass(frozen=True)
class Judging:
    """A run begins. `changed` are the files that were saved; none at the first run."""

    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A run has ended, on what was in the folder when it began."""

    report: Report


@dataclass(frozen=True)
class Unchanged:
    """Files were saved as they were: the last verdict holds."""

    saved: tuple[str, ...]


@dataclass(frozen=True)
class HalfWritten:
    """Python cannot read a file yet, so nothing is judged."""

    file: str
    line: int
    message: str


@dataclass(frozen=True)
class Trouble:
    """The lab could not judge; the watch goes on."""

    error: LabError


@dataclass(frozen=True)
class Key:
    """A key was pressed."""

    name: str


Event = Judging | Judged | Unchanged | HalfWritten | Trouble | Key


# Of each file that matters: what is in it, or its stamp where it cannot be read.
Contents = Mapping[str, bytes | tuple[int, int, int]]


class _Moot(Exception):
    """What a run would say has no reader any more."""


# Of each file that matters: when it changed (ns), its size, its identity.
Stamps = Mapping[str, tuple[int, int, int]]


class Watch:
    """Watches a folder and judges it, from entering the context to leaving it.

    `judge` gets a function to call after each check, as course.verify() does; it may raise
    LabError, which ends the run but not the watch. Nothing is judged but in events(). `fell` is
    called with the result of each check as it is there.
    """

    def __init__(
        self,
        folder: Path,
        judge: Callable[[Progress], Report],
        fell: Progress = lambda result: None,
    ) -> None:
        self._folder = folder
        self._judge = judge
        self._fell = fell
        self._inbox: SimpleQueue[str | None] = SimpleQueue()  # keys; None: have a look
        self._moot = threading.Event()  # a key was pressed that makes a run pointless
        self._changes = Changes(folder, lambda: self._inbox.put(None))
        self._judged: Stamps | None = None
        self._contents: Contents | None = None  # of what has a verdict

    def __enter__(self) -> Self:
        self._changes.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._changes.__exit__()

    def press(self, name: str) -> None:
        """Take a key; from any thread."""
        if name in ENDING_KEYS:
            self._moot.set()
        self._inbox.put(name)

    def again(self) -> None:
        """Judge anew though nothing was saved: another exercise, say."""
        self._judged = self._contents = None
        self._inbox.put(None)

    def events(self) -> Iterator[Event]:
        """Judge now and after every save, and yield what happens; ends after the key `q`.

        Raises Unreadable where a folder may not be listed, KeyboardInterrupt on an interrupt.
        """
        while True:
            while (key := self._next_key(wait=False)) is not None:
                yield Key(key)
                if key == "q":
                    return
            now = settled(self._folder, self._judged)
            if now == self._judged:
                key = self._next_key(wait=True)
                if key is not None:
                    yield Key(key)
                    if key == "q":
                        return
                continue
            changed = changed_files(self._judged, now)
            self._judged = now
            half = half_written(self._folder, changed)
            if half:
                yield half[0]
            elif self._contents is not None and contents(self._folder, now) == self._contents:
                yield Unchanged(changed)
            else:
                yield Judging(changed)
                yield from self._run()

    def _next_key(self, wait: bool) -> str | None:
        try:
            key = self._inbox.get(block=wait, timeout=LOOK)
            # Each of the many notices of one save would be a look.
            while key is None and not self._inbox.empty():
                key = self._inbox.get_nowait()
        except Empty:
            return None
        if key in ENDING_KEYS:
            self._moot.clear()
        return key

    def _run(self) -> Iterator[Event]:
        def after_check(result: CheckResult) -> None:
            if self._moot.is_set() or stamps(self._folder) != self._judged:
                raise _Moot
            self._fell(result)

        self._contents = None
        judging = contents(self._folder, self._judged or {})
        try:
            report = self._judge(after_check)
        except _Moot:
            if stamps(self._folder) == self._judged:
                self._judged = None  # a key cut it short
            return
        except LabError as error:
            yield Trouble(error)
            return
        blamed = [half for half in half_written(self._folder) if blames(report, half)]
        final = {exercise.verdict for exercise in report.exercises} <= FINAL
        if final and not blamed and stamps(self._folder) == self._judged:
            self._contents = judging
        yield blamed[0] if blamed else Judged(report)


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
        for path in database.parent.glob(f"{database.name}*"):
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
        lower.endswith((*databases.ENDINGS, *SIDECARS, *PASSED_OVER_ENDINGS))
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


def blames(report: Report, half: HalfWritten) -> bool:
    """Whether all that failed did so because of this file: a stray one is in nobody's way."""
    failed = [
        check
        for exercise in report.exercises
        for check in exercise.checks
        if check.verdict is not Verdict.PASSED
    ]
    place = f"({half.file}:"
    return bool(failed) and all(
        "Error: " in (check.actual or "") and place in (check.actual or "") for check in failed
    )


def changed_files(before: Stamps | None, now: Stamps) -> tuple[str, ...]:
    """Which files were saved, or went, between two looks; none before the first."""
    if before is None:
        return ()
    return tuple(
        sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    )
