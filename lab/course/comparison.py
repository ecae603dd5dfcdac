"""The learner's way and the lab's way of one exercise, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from lab import regular_files
from lab.codemods import Edit, Patch, Sources, apply_all, diff, read_sources
from lab.course import catalogue
from lab.model import CannotWrite, DatabaseLocked, EditNotApplicable, Unreadable
from lab.scenario import Exercise
from lab.workspace.snapshots import Snapshot, Snapshots
from lab.workspace.workspace import Workspace

PASSED = "passed: "  # how the reason of a snapshot begins that holds passed exercises


@dataclass(frozen=True)
class Comparison:
    """A unified diff from the lab's way to the learner's; "" where they are the same.

    Where the lab's way does not merge into the learner's code, the patch of the lab's own API.
    """

    exercise: str
    diff: str
    of: Literal["labs_way", "patch"] = "labs_way"


def keep_passed(workspace: Workspace, ids: Sequence[str]) -> None:
    """Take a snapshot where exercises pass now that did not before. Needs the lock.

    It tells later how the learner's code looked then, whatever became of it since. Where none
    can be taken, the verdict is no worse for it.
    """
    if workspace.is_read_only:
        return
    new = [id for id in ids if comparable(id) and not workspace.journal.passed(id)]
    if new:
        with suppress(CannotWrite, DatabaseLocked, Unreadable):
            workspace.snapshots.take(PASSED + ", ".join(new))


def comparable(id: str) -> bool:
    """Whether the exercise is about code that the lab could write itself."""
    return bool(_edits(id))


def compare(workspace: Workspace, id: str) -> Comparison | None:
    """Return how the learner's code differed from the lab's way when the exercise passed last.

    The lab's way is what its edits make of the learner's own code from before. None where there
    is nothing to compare: not passed yet, not about code, or nothing that the lab could merge
    or show. Raises NotPossible for a read-only folder, DamagedSnapshot, Unreadable.
    """
    edits = _edits(id)
    snapshots = workspace.snapshots
    if not edits:
        return None
    taken = snapshots.list()
    when = [number for number, found in enumerate(taken) if id in _passed_in(found)]
    if not when:
        return None
    yours = _sources(snapshots, taken[when[-1]], catalogue.load().playable(id).file)
    for theirs in _lab_ways(id, taken[: when[-1]], snapshots):
        removed = {path: b"" for path in theirs if path not in yours}
        return Comparison(id, diff(theirs, {**yours, **removed}))
    patch = "".join(edit.text for edit in edits if isinstance(edit, Patch))
    return Comparison(id, patch, "patch") if patch else None


def _lab_ways(id: str, earlier: Sequence[Snapshot], snapshots: Snapshots) -> Iterator[Sources]:
    """Yield what the lab would have made of the learner's code, latest fitting state first."""
    playable = catalogue.load().playable
    broken = playable(id.replace("fix-", "break-"))
    undoes = any(variant.undoes for variant in playable(id).variants)
    takes_back = undoes and not catalogue.adds(broken)
    for snapshot in reversed(earlier):
        if takes_back:
            # Before the lab broke it, the code was as the fix should leave it.
            if snapshot.before_change and snapshot.exercise == broken.id:
                yield _sources(snapshots, snapshot)
            continue
        before = _sources(snapshots, snapshot)
        with suppress(EditNotApplicable):
            yield {**before, **apply_all(_edits(id), before)}


def _edits(id: str) -> tuple[Edit, ...]:
    entry = catalogue.exercise(id)
    if not isinstance(entry, Exercise) or entry.kind == "break" or not entry.variants:
        return ()
    return entry.variants[0].edits or entry.variants[0].undoes


def _passed_in(snapshot: Snapshot) -> list[str]:
    if not snapshot.reason.startswith(PASSED):
        return []
    return snapshot.reason.removeprefix(PASSED).split(", ")


def _sources(snapshots: Snapshots, snapshot: Snapshot, test: str = "") -> dict[str, bytes]:
    """Return the learner's sources as they were in a snapshot, and a test, which is none."""
    with TemporaryDirectory(prefix="lab-compare-") as temporary:
        snapshots.write(snapshot, Path(temporary))
        found = read_sources(Path(temporary))
        if test:
            found[test] = regular_files.read(Path(temporary, test))
        return found
