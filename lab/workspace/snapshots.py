"""Copies of a workspace, taken before the lab changes it, and the ways back to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from lab.model import DamagedSnapshot, Unreadable, UsageError
from lab.workspace import files, transaction
from lab.workspace.files import writing
from lab.workspace.store import Content, Manifest, Objects, capture

# The learner's own words: stored with every snapshot, put back only where they are gone.
ANSWERS = "answers.md"
START = 0  # the number of the first snapshot
MANY = 10**6  # more numbers than anybody was given
GIVEN = "snapshots.given"  # how many numbers were given out: none is ever given twice


@dataclass(frozen=True)
class Snapshot:
    """The whole workspace at one moment. `taken_at` is the time in UTC, in ISO 8601."""

    id: int
    taken_at: str
    reason: str
    exercise: str | None = None
    before_change: bool = False  # the lab changed the workspace right after it
    manifest: Manifest = field(default_factory=Manifest, repr=False)


@dataclass(frozen=True)
class Change:
    """What the lab changed: the paths, and the snapshot that leads back.

    Where there was nothing to change, no path and no snapshot.
    """

    changed: tuple[str, ...] = ()
    saved: Snapshot | None = None
    to: Snapshot | None = None  # the snapshot that the workspace went to, if it went to one
    removed: tuple[str, ...] = ()  # of the changed paths, those that are no more


@dataclass(frozen=True)
class Snapshots:
    """The snapshots of the workspace in a folder. Use it while holding the workspace's lock."""

    folder: Path

    @property
    def objects(self) -> Objects:
        """The contents that the snapshots refer to."""
        return Objects(self._state / "objects")

    def list(self) -> tuple[Snapshot, ...]:
        """Return the snapshots that can be read, oldest first."""
        found = (self._read(number) for number in self._numbers())
        return tuple(snapshot for snapshot in found if snapshot)

    def notices(self) -> tuple[str, ...]:
        """Return one sentence for each damaged snapshot, and one for all that are gone."""
        damaged = tuple(
            f"Snapshot {number} is damaged: left out, and kept in the folder."
            for number in self._numbers()
            if self._read(number) is None
        )
        gone = self._gone()
        if not gone:
            return damaged
        more = sum(gap.stop - gap.start for gap in gone) - 1
        are = f" and {more} more are" if more else " is"
        said = f"Snapshot {gone[0].start}{are} gone from .lab/snapshots: nothing leads back there."
        return (*damaged, said)

    def get(self, id: int) -> Snapshot:
        """Return one snapshot. Raises UsageError for an unknown id, DamagedSnapshot."""
        if any(id in gap for gap in self._gone()):
            raise DamagedSnapshot(
                f"Snapshot {id}{' (the start)' if id == START else ''} is gone from "
                ".lab/snapshots.",
                "`lab snapshots` lists what is left; `lab init` with a new folder starts anew.",
            )
        if id not in self._numbers():
            raise UsageError(f"There is no snapshot {id}.", "`lab snapshots` lists them.")
        snapshot = self._read(id)
        if snapshot is None:
            raise DamagedSnapshot(
                f"Snapshot {id} is damaged.", "Choose another one: `lab snapshots` lists them."
            )
        return snapshot

    def begin(self) -> Snapshot:
        """Store the start of a new workspace and return the snapshot. Raises as take() does."""
        return self._write(START, self.store(self.folder), "the start", None, False)

    def take(
        self, reason: str, exercise: str | None = None, *, before_change: bool = False
    ) -> Snapshot:
        """Store the workspace as it is now and return the snapshot.

        `before_change` makes it a place that undo() goes back to.
        Raises CannotWrite, Unreadable, DatabaseLocked.
        """
        present = self.store(self.folder)
        return self._write(self._given(), present, reason, exercise, before_change)

    def change(
        self,
        wanted: Mapping[str, Content],
        reason: str,
        exercise: str | None = None,
        present: Manifest | None = None,
    ) -> Change:
        """Bring the workspace from its present content to the wanted one, whole or not at all.

        A snapshot is taken first. `present` is what store() has just returned, if it was
        called already. Raises NotPossible, DatabaseLocked, CannotWrite, Unreadable.
        """
        present = present or self.store(self.folder)
        steps = tuple(
            step
            for step in transaction.between(present.contents, wanted)
            if step.path != ANSWERS or step.before is None
        )
        if not steps:
            return Change()
        transaction.must_fit(self.folder, steps, present)
        saved = self._write(self._given(), present, reason, exercise, before_change=True)
        transaction.carry_out(self.folder, steps, self.objects)
        removed = tuple(step.path for step in steps if step.after is None)
        return Change(tuple(step.path for step in steps), saved, removed=removed)

    def restore(self, id: int, reason: str | None = None) -> Change:
        """Bring the workspace back to a snapshot, after taking one of the present.

        The answers stay as they are. Raises as get() and change() do.
        """
        target = self.get(id)
        done = self.change(target.manifest.contents, reason or f"before going to snapshot {id}")
        return replace(done, to=target)

    def undo(self, id: int | None = None) -> Change:
        """Take back the last change that the lab made, or go to the snapshot of that id.

        What was there before the undo is a snapshot too, so that the next undo() takes this one
        back. Raises UsageError where there is nothing to undo, and as restore() does.
        """
        if id is not None:
            return self.restore(id, f"before undo to snapshot {id}")
        present = _without_answers(self.store(self.folder))
        for snapshot in reversed(self.list()):
            # An equal one belongs to a change that a kill or a refusal prevented.
            if snapshot.before_change and _without_answers(snapshot.manifest) != present:
                return self.restore(snapshot.id, f"before undo to snapshot {snapshot.id}")
        if self._gone():
            raise UsageError(
                "There is nothing to undo: the snapshots that would lead back are gone.",
                "`lab snapshots` lists what is left.",
            )
        raise UsageError(
            "There is nothing to undo: the lab has changed nothing here.",
            "`lab diff` shows what you changed yourself, `lab reset` goes back to the start.",
        )

    def last_of(self, exercise: str) -> Snapshot | None:
        """Return the latest snapshot taken before a change for this exercise."""
        found = [snapshot for snapshot in self.list() if snapshot.exercise == exercise]
        return found[-1] if found else None

    def write(self, snapshot: Snapshot, into: Path) -> None:
        """Write the plain files of a snapshot into a folder. Raises DamagedSnapshot."""
        for name, content in snapshot.manifest.files.items():
            path = into / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.objects.get(content.sha))

    def recover(self) -> tuple[str, ...]:
        """Finish what a killed command left half done; return what there is to say."""
        return transaction.recover(self.folder, self.objects)

    @property
    def _state(self) -> Path:
        return self.folder / ".lab"

    def store(self, folder: Path) -> Manifest:
        """Keep all that a folder holds now and return what that is. No snapshot refers to it yet.

        Raises CannotWrite, Unreadable, DatabaseLocked.
        """
        with writing(self.objects.folder):
            return capture(folder, self.objects)

    def _numbers(self) -> tuple[int, ...]:
        folder = self._state / "snapshots"
        try:
            found = [path.stem for path in folder.iterdir() if path.suffix == ".json"]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise files.unreadable(error, folder) from error
        return tuple(sorted(int(stem) for stem in found if stem.isdecimal()))

    def _given(self) -> int:
        """How many numbers were given out, which is the next one."""
        last = max(self._numbers(), default=START)  # the start has had its number in any case
        try:
            given = int(files.read(self._state / GIVEN, self.folder))
        except (FileNotFoundError, ValueError, Unreadable):
            return last + 1  # made before there was such a file, or damaged
        return max(last + 1, given) if given < MANY else last + 1

    def _gone(self) -> tuple[range, ...]:
        """Return the gaps, as ranges: a damaged count may be too large to go through one by one."""
        there = (-1, *self._numbers(), self._given())
        gaps = (range(number + 1, following) for number, following in pairwise(there))
        return tuple(gap for gap in gaps if gap)

    def _path(self, number: int) -> Path:
        return self._state / "snapshots" / f"{number}.json"

    def _write(
        self,
        number: int,
        manifest: Manifest,
        reason: str,
        exercise: str | None,
        before_change: bool,
    ) -> Snapshot:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        snapshot = Snapshot(number, now, reason, exercise, before_change, manifest)
        path = self._path(snapshot.id)
        with writing(path):
            files.write(path, json.dumps(_as_json(snapshot), indent=1).encode(), root=self.folder)
            files.write(self._state / GIVEN, f"{number + 1}\n".encode(), root=self.folder)
        return snapshot

    def _read(self, number: int) -> Snapshot | None:
        try:
            found = json.loads(files.read(self._path(number), self.folder))
            return _from_json(number, found)
        except (FileNotFoundError, Unreadable, ValueError, RecursionError):
            return None


def _without_answers(manifest: Manifest) -> dict[str, Content]:
    return {path: found for path, found in manifest.contents.items() if path != ANSWERS}


def _as_json(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "schema": 1,
        "id": snapshot.id,
        "taken_at": snapshot.taken_at,
        "reason": snapshot.reason,
        "exercise": snapshot.exercise,
        "before_change": snapshot.before_change,
        **snapshot.manifest.as_json(),
    }


def _from_json(number: int, found: Any) -> Snapshot:
    """Return the snapshot. Raises ValueError where the values are of another shape."""
    match found:
        case {
            "schema": 1,
            "taken_at": str(taken_at),
            "reason": str(reason),
            "exercise": str() | None as exercise,
            "before_change": bool(before_change),
        }:
            manifest = Manifest.from_json(found)
            return Snapshot(number, taken_at, reason, exercise, before_change, manifest)
    raise ValueError("no snapshot")
