"""Judges at every save: what was saved last is always what is judged in the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from lab.model import CheckResult, LabError, Progress, Verdict
from lab.verify.verdicts import Report
from lab.watch.saves import (
    LOOK,
    Changes,
    Contents,
    HalfWritten,
    Stamps,
    changed_files,
    contents,
    half_written,
    settled,
    stamps,
)

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
class Trouble:
    """The lab could not judge; the watch goes on."""

    error: LabError


@dataclass(frozen=True)
class Key:
    """A key was pressed."""

    name: str


Event = Judging | Judged | Unchanged | HalfWritten | Trouble | Key


class _Moot(Exception):
    """What a run would say has no reader any more."""


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
