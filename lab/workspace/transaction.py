"""A change of a learner's folder as a transaction: a crash cannot leave it half done."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab import regular_files
from lab.model import ChangedMeanwhile, DamagedSnapshot, LabError, LinkRefused, NotPossible
from lab.workspace import databases, files
from lab.workspace.files import cannot_write, writing
from lab.workspace.store import (
    Content,
    Manifest,
    Objects,
    content_from_json,
    look,
    stays_inside,
)

REDO = "redo.json"


@dataclass(frozen=True)
class Step:
    """One path, what it holds before the change, and what after. None stands for no file."""

    path: str
    before: Content | None
    after: Content | None

    def reversed(self) -> Step:
        """Return the step that takes this one back."""
        return Step(self.path, self.after, self.before)


def between(before: Mapping[str, Content], after: Mapping[str, Content]) -> tuple[Step, ...]:
    """Return the steps that lead from one content to the other, databases first.

    A database is the step most likely to fail, because it may be locked, and then nothing else
    has been changed yet.
    """
    steps = (
        Step(path, before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )
    return tuple(sorted(steps, key=lambda step: not _is_database(step)))


def must_fit(folder: Path, steps: Iterable[Step], present: Manifest) -> None:
    """Raise NotPossible where a step would meet something that no snapshot holds."""
    for step in steps:
        path = folder / step.path
        known = step.path in present.contents
        if not known and (path.exists() or path.is_symlink()):
            raise NotPossible(
                f"{step.path} is a link, a folder or a very large file, and stays as it is.",
                "The lab never changes these: move it away, then try again.",
            )
        if _is_database(step) and (strange := databases.strange_sidecar(path)):
            raise NotPossible(
                f"{strange.name} is no file, and SQLite would wait for it.",
                "Remove it, then try again.",
            )
        if blocked := _blocked(folder, step):
            raise NotPossible(
                f"{step.path} cannot be put in place: {blocked} is no folder.",
                "Move it away, then try again.",
            )


def _blocked(folder: Path, step: Step) -> str | None:
    """Return which of the folders that lead to a step's path is something else, if one is."""
    for parent in Path(step.path).parents[:-1]:
        place = folder / parent
        if regular_files.is_link(place) or (place.exists() and not place.is_dir()):
            return parent.as_posix()
    return None


def carry_out(folder: Path, steps: tuple[Step, ...], objects: Objects) -> None:
    """Take all the steps or none.

    Every content must be in `objects`. Raises ChangedMeanwhile, DatabaseLocked, CannotWrite,
    DamagedSnapshot; the folder is then as it was before.
    """
    record = folder / ".lab" / REDO
    for step in steps:
        for content in (step.before, step.after):
            if content:
                objects.get(content.sha)  # raises while nothing has been changed yet
    with writing(record):
        made_in = _identity(folder)
        note = {"schema": 2, "made_in": made_in, "steps": [_as_json(step) for step in steps]}
        files.write(record, json.dumps(note, indent=1).encode(), root=folder)
    try:
        with _prepared(folder, steps, objects):
            for step in steps:
                if _holds(folder, step, step.before):
                    take(folder, step, objects)
                elif not _holds(folder, step, step.after):
                    raise changed_meanwhile(step.path)
    except (LabError, OSError) as error:
        # Where this fails too, the record stays, and the next command finishes the change.
        # Forwards: a database goes before what lies beside it, here as there.
        for step in steps:
            if _holds(folder, step, step.after):
                take(folder, step.reversed(), objects)
        files.remove(record, folder)
        if isinstance(error, OSError):
            raise cannot_write(error, folder) from error
        raise
    files.remove(record, folder)
    files.sync_folder(record.parent)


def recover(folder: Path, objects: Objects) -> tuple[str, ...]:
    """Finish the change that a killed command left half done; return what there is to say.

    A file that the learner has changed since is left alone, and so is everything where the
    record was made in another folder. Raises as carry_out() does.
    """
    record = folder / ".lab" / REDO
    try:
        steps = _from_json(json.loads(files.read(record, folder)), _identity(folder))
    except FileNotFoundError:
        return ()
    except (ValueError, RecursionError):
        return _set_aside(record, folder)
    try:
        with writing(folder):
            stayed = [step.path for step in steps if not _finished(folder, step, objects)]
            files.remove(record, folder)
    except DamagedSnapshot:
        return _set_aside(record, folder)
    said = "An interrupted command left a change half done: finished now."
    return (said, *(f"{path} was changed since: left as it is." for path in stayed))


def _finished(folder: Path, step: Step, objects: Objects) -> bool:
    """Take a step that may have been taken; False where the learner has changed its file since."""
    path = folder / step.path
    if regular_files.is_link(path) or path.is_dir() or _blocked(folder, step):
        return False
    files.remove(files.temporary_for(path), folder)
    if _holds(folder, step, step.before):
        take(folder, step, objects)
    elif not _holds(folder, step, step.after):
        return False
    elif step.after is None and _is_database(step):
        databases.remove_sidecars(path, folder)
    elif step.after and step.after.database and databases.log_of(path).exists():
        # Again: a kill between SQLite's log and the index of it that processes share
        # leaves a commit that the file holds and no running server has heard of.
        take(folder, step, objects)
    return True


def _identity(folder: Path) -> int:
    """Return what a workspace keeps when it is renamed, and a copy of it has not."""
    return (folder / ".lab").lstat().st_ino


def _set_aside(record: Path, folder: Path) -> tuple[str, ...]:
    aside = f"{record.name}.damaged"
    files.rename(record, aside, folder)
    return (
        "The record of an interrupted change is damaged, or was made in another folder: kept as "
        f"{aside}. `lab diff` shows how the files stand, `lab undo` goes back.",
    )


def changed_meanwhile(path: str) -> ChangedMeanwhile:
    """Return the error for a path that the learner changed while the lab was at work."""
    return ChangedMeanwhile(
        f"{path} was changed while the lab was at work, so the lab changed nothing.",
        "Try again, and save nothing (nor use the API) until it is done.",
    )


def take(folder: Path, step: Step, objects: Objects) -> None:
    """Bring one path to what it holds after the step. Raises OSError, LabError."""
    path = folder / step.path
    if step.after is None:
        if _is_database(step):
            databases.remove(path, folder)
        elif path.parent.exists():
            files.remove(path, folder)
            files.sync_folder(path.parent)
        return
    mode = files.mode_of(path) if path.exists() else step.after.mode
    data = objects.get(step.after.sha)
    if step.after.database and path.exists() and path.stat().st_nlink == 1:
        databases.restore(objects.folder / step.after.sha, path)
    elif _is_database(step):
        content = databases.with_log(data, True) if step.after.log else data
        databases.replace(path, content, mode, folder)
    else:
        files.write(path, data, mode, folder)


@contextmanager
def _prepared(folder: Path, steps: Iterable[Step], objects: Objects) -> Iterator[None]:
    """Prove that there is room for every new content beside its place before anything changes.

    Raises OSError where there is none.
    """
    waiting = []
    try:
        for step in steps:
            if step.after:
                waiting.append(files.temporary_for(folder / step.path))
                files.write_through(waiting[-1], objects.get(step.after.sha), root=folder)
        yield
    finally:
        for temporary in waiting:
            with suppress(OSError, LinkRefused):
                files.remove(temporary, folder)


def _is_database(step: Step) -> bool:
    return any(content is not None and content.database for content in (step.before, step.after))


def _holds(folder: Path, step: Step, content: Content | None) -> bool:
    return look(folder / step.path) == content


def _as_json(step: Step) -> dict[str, Any]:
    return {
        "path": step.path,
        "before": asdict(step.before) if step.before else None,
        "after": asdict(step.after) if step.after else None,
    }


def _from_json(found: Any, identity: int) -> tuple[Step, ...]:
    """Return the steps. Raises ValueError where they are none, or made in another folder."""

    def content(entry: Any) -> Content | None:
        if entry is None:
            return None
        if not isinstance(entry, dict):
            raise ValueError("no content")
        return content_from_json(entry, entry.get("database") is True)

    match found:
        case {"schema": 2, "made_in": made_in, "steps": list(steps)} if made_in == identity:
            read: list[Step] = []
            for step in steps:
                match step:
                    case {"path": str(path), "before": before, "after": after} if stays_inside(
                        path
                    ):
                        read.append(Step(path, content(before), content(after)))
                    case _:
                        raise ValueError("no step")
            return tuple(read)
    raise ValueError("no record of a change")
