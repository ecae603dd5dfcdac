"""What was seen and when, one line for each: the journal of a workspace."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from lab import regular_files
from lab.model import Verdict
from lab.workspace import files

SHOWN = 10  # numbers of damaged lines
TYPES = {"verdict": str}  # of what readers look for in the data of an entry


class Kind(StrEnum):
    """What an entry tells of."""

    PREDICTION = "prediction"
    OBSERVATION = "observation"
    SYMPTOM = "symptom"
    VERDICT = "verdict"  # data: {"verdict": a Verdict, ...}
    STARTED = "started"  # what the learner is to write was taken out
    ASSISTED = "assisted"
    HINT = "hint"
    ANSWER = "answer"
    WENT_BACK = "went_back"  # data: {"to": when the snapshot was taken}


@dataclass(frozen=True)
class Entry:
    """One line of the journal. `at` is the time in UTC, in ISO 8601."""

    at: str
    kind: str  # a Kind; a newer lab may have written others
    exercise: str | None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def when(self) -> str:
        """The same time as a person here reads it."""
        return local_time(self.at)


def local_time(at: str) -> str:
    """Return a time in ISO 8601 as a person here reads it, to the minute."""
    try:
        return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):  # what somebody has edited
        return at


@dataclass(frozen=True)
class Journal:
    """An append-only file of entries. Without a path it keeps nothing and tells nothing."""

    path: Path | None

    def append(self, kind: Kind, exercise: str | None, **data: Any) -> Entry:
        """Write one entry to the disk and return it. Raises CannotWrite.

        What a killed command left of its last line stays; the entry begins on a new one.
        """
        entry = Entry(datetime.now(UTC).isoformat(timespec="milliseconds"), kind, exercise, data)
        if self.path is None:
            return entry
        line = {"at": entry.at, "kind": entry.kind, "exercise": exercise, "data": data}
        # A surrogate that stands alone goes to the file as it is, and comes back so.
        content = json.dumps(line, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        root = self.path.parents[1]
        with files.writing(self.path):
            handle = regular_files.opened(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, root)
            try:
                if os.fstat(handle).st_nlink > 1:  # a backup's, or somebody else's file
                    files.write(self.path, files.read(self.path, root), root=root)
                    os.close(handle)
                    handle = regular_files.opened(self.path, os.O_RDWR | os.O_APPEND, root)
                if _torn(handle):
                    content = b"\n" + content
                # One write for the whole line, so that two writers never share one.
                written = os.write(handle, content)
                if written < len(content):  # the disk filled up: raises what stopped it
                    os.write(handle, content[written:])
                os.fsync(handle)
            finally:
                os.close(handle)
        return entry

    def entries(self, kind: Kind | None = None, exercise: str | None = None) -> tuple[Entry, ...]:
        """Return the entries, oldest first: all, or those of one kind or exercise."""
        return tuple(
            entry
            for _, entry in self._lines()
            if entry is not None
            and (kind is None or entry.kind == kind)
            and (exercise is None or entry.exercise == exercise)
        )

    def notices(self) -> tuple[str, ...]:
        """Return one sentence where there are lines that cannot be read, else nothing."""
        damaged = [str(number) for number, entry in self._lines() if entry is None]
        if not damaged:
            return ()
        more = f" and {len(damaged) - SHOWN} more" if len(damaged) > SHOWN else ""
        lines = f"line{'s' * (len(damaged) > 1)} {', '.join(damaged[:SHOWN])}{more}"
        return (f"The journal is damaged in {lines}: skipped, and kept in the file.",)

    def symptom_seen(self, exercise: str) -> Entry | None:
        """Return the latest entry that the symptom of this exercise was seen."""
        return self._last(Kind.SYMPTOM, exercise)

    def last_verdict(self, exercise: str) -> Entry | None:
        """Return the latest verdict on the exercise; its data hold "verdict"."""
        return self._last(Kind.VERDICT, exercise)

    def passed(self, exercise: str) -> bool:
        """Tell whether the exercise has passed when it was judged last."""
        last = self.last_verdict(exercise)
        return last is not None and last.data.get("verdict") == Verdict.PASSED

    def assisted(self, exercise: str) -> bool:
        """Tell whether the lab ever did the exercise in the learner's place."""
        return self._last(Kind.ASSISTED, exercise) is not None

    def hints_given(self, exercise: str) -> int:
        """Return how many hints the learner had for the exercise."""
        return len(self.entries(Kind.HINT, exercise))

    def failures_in_a_row(self, exercise: str) -> int:
        """Return how often the exercise failed since it last passed.

        An `error` or a `not_started` neither counts nor interrupts, and no more does a failure
        that came up when the whole course was looked at.
        """
        count = 0
        for entry in self.entries(Kind.VERDICT, exercise):
            verdict = entry.data.get("verdict")
            if verdict == Verdict.FAILED:
                count += not entry.data.get("overview")
            elif verdict == Verdict.PASSED:
                count = 0
        return count

    def _last(self, kind: Kind, exercise: str) -> Entry | None:
        found = self.entries(kind, exercise)
        return found[-1] if found else None

    def _lines(self) -> Iterator[tuple[int, Entry | None]]:
        if self.path is None:
            return
        try:
            content = files.read(self.path, self.path.parents[1])
        except FileNotFoundError:
            return
        yield from _parsed(content)


@lru_cache(maxsize=1)  # one command asks a dozen times, and a watched journal grows for ever
def _parsed(content: bytes) -> tuple[tuple[int, Entry | None], ...]:
    # Not splitlines(): a text in an entry may hold characters that it takes for a line's end.
    lines = enumerate(content.split(b"\n"), start=1)
    return tuple((number, _entry(line)) for number, line in lines if line.strip())


def _torn(handle: int) -> bool:
    """Tell whether the file ends in the middle of a line."""
    if os.lseek(handle, 0, os.SEEK_END) == 0:
        return False
    os.lseek(handle, -1, os.SEEK_END)
    return os.read(handle, 1) != b"\n"


def _entry(line: bytes) -> Entry | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match found:
        case {
            "at": str(at),
            "kind": str(kind),
            "exercise": str() | None as exercise,
            "data": dict(data),
        } if _is_sound(data):
            return Entry(at, kind, exercise, data)
    return None


def _is_sound(data: Mapping[str, Any]) -> bool:
    """Tell whether what readers look for in an entry is, where it has that, of its type."""
    ids = data.get("ids") or []
    are_ids = isinstance(ids, list) and not any(isinstance(id, list | dict) for id in ids)
    return are_ids and all(isinstance(data[name], TYPES[name]) for name in TYPES if name in data)
