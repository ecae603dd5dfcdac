"""Making a workspace: its folder appears whole, or not at all."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lab import regular_files, resources
from lab.model import LabError, UsageError
from lab.workspace import lock, settings
from lab.workspace.files import cannot_write, writing
from lab.workspace.resource import TODOS
from lab.workspace.snapshots import ANSWERS, GIVEN, Snapshots
from lab.workspace.store import copy_tree
from lab.workspace.workspace import STATE, Workspace

ANSWERS_TEXT = """\
# My answers

Write under each heading, in your own words. Two or three sentences are enough.

## explain-1: What is an ORM, and how does the class `Todo` relate to a table?

## explain-2: What does `Depends(get_db)` do, and why is it better than a session made in each endpoint?

## explain-3: What is the difference between a SQLAlchemy model and a Pydantic schema, and why both?

## explain-4: What does `yield` do in `get_db`, and what is the `finally` block for?
"""  # noqa: E501


def create(target: Path, prepare: Callable[[Path], None] = lambda folder: None) -> Workspace:
    """Make a workspace with a copy of the reference API and return it.

    `prepare` may add to the new folder before the first snapshot is taken of it. Raises
    UsageError where the target holds anything, CannotWrite; nothing is left behind then.
    """
    reference = resources.folder("todos_app")

    def fill(into: Path) -> tuple[str, ...]:
        copied = copy_tree(reference, into / "todos_app")
        prepare(into)
        return copied.notices

    return _made(target, settings.Settings(), fill)


def adopt(source: Path, target: Path, app: str, todos: str = TODOS) -> Workspace:
    """Make a workspace of a copy of an existing project, with its todos there, and return it.

    The project is not touched. Raises UsageError where the target holds anything or the source is
    no folder, Unreadable, DatabaseLocked, CannotWrite; nothing is left behind then.
    """
    must_be_adoptable(source, target, app)
    kept = settings.Settings(app, todos)
    return _made(target, kept, lambda into: copy_tree(source, into).notices)


def must_be_adoptable(source: Path, target: Path, app: str | None) -> None:
    """Raise UsageError where the source, the target or the app cannot be meant."""
    settings.checked_app(app)
    if not source.is_dir():
        raise UsageError(f"There is no folder {source}.", "Name the folder of your project.")
    if target.resolve().is_relative_to(source.resolve()):
        raise UsageError(
            f"{target} lies inside {source}, which the lab does not touch.",
            "Name a folder outside of it.",
        )
    must_be_free(target)


def _made(
    target: Path, kept: settings.Settings, fill: Callable[[Path], tuple[str, ...]]
) -> Workspace:
    must_be_free(target)
    with writing(target), built(target) as folder:
        notices = fill(folder)
        state = folder / STATE
        (state / "snapshots").mkdir(parents=True)
        (state / "objects").mkdir()
        answers = folder / ANSWERS
        if not answers.exists():
            answers.write_text(ANSWERS_TEXT, "utf-8", newline="\n")
        settings.write(folder, kept)
        Snapshots(folder).begin()
    return Workspace(target, kept.app, kept.todos, notices=notices)


def must_be_free(target: Path) -> None:
    """Raise UsageError where the target is a workspace, a file, or a folder that holds anything.

    What a killed command has left of its building there goes first, or is finished.
    """
    for left in _left_behind(target):
        _clear(left, target)
    if (target / STATE).is_dir():
        raise UsageError(
            f"{target} is a workspace already.",
            f"Go on with it: `lab list -w {target}`; or name another folder.",
        )
    try:
        occupied = any(target.iterdir())
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise UsageError(
            f"{target} is no folder.", "Name a new folder, for example `lab init my-lab`."
        ) from error
    except OSError as error:
        raise cannot_write(error, target) from error
    if occupied:
        beside = target / ".." if target.name in ("", "..") else target.parent
        raise UsageError(
            f"{target} is not empty.",
            "Name a new folder, for example `lab init my-lab`; or adopt the project that is there: "
            f"`lab init {beside / 'my-lab'} --from {target}`.",
        )


@contextmanager
def built(target: Path) -> Iterator[Path]:
    """Give a folder to build in, which takes the target's place when the block is done.

    Where the block raises, nothing of it is left.
    """
    name = f"{_prefix(target)}{os.getpid()}"
    made = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
    # An empty target stays the folder that it is: a shell may stand in it.
    building = (target if target.exists() else target.parent) / name
    handle = None
    try:
        building.mkdir(parents=True)
        handle = _held(building)
        yield building
        if target.exists():
            _move_up(building, target)
        else:
            building.rename(target)
    except (OSError, LabError, KeyboardInterrupt):
        shutil.rmtree(building, ignore_errors=True)
        with suppress(OSError):
            for folder in made:
                folder.rmdir()
        raise
    finally:
        if handle is not None:
            os.close(handle)


def _prefix(target: Path) -> str:
    return f".{target.name or 'workspace'}.lab-new-"


def _held(folder: Path) -> int | None:
    """Lock a folder for as long as the handle is open; None where somebody holds it.

    None as well on a system, such as Windows, that opens no folders.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        lock.acquire(handle)
    except OSError:
        os.close(handle)
        return None
    return handle


def _left_behind(target: Path) -> list[Path]:
    """Return the folders in which workspaces for this target were built."""
    name = f"{glob.escape(_prefix(target))}*"
    found = (path for place in (target, target.parent) for path in place.glob(name))
    return [path for path in found if not regular_files.is_link(path)]


def _clear(left: Path, target: Path) -> None:
    """Remove what a killed command was building, or finish it where it was moving in already."""
    handle = _held(left)
    if handle is None:  # a command is at work in it
        return
    try:
        with writing(target):
            if not _was_moving(left):
                shutil.rmtree(left, ignore_errors=True)
            # To take it back would take along what the learner has changed of it since.
            elif not any((target / path.name).exists() for path in left.iterdir()):
                _move_up(left, target)
    finally:
        os.close(handle)


def _was_moving(building: Path) -> bool:
    """Tell whether this workspace was whole, and some of it is at its place."""
    return (building / STATE / GIVEN).exists() and not (building / ANSWERS).exists()


def _move_up(building: Path, target: Path) -> None:
    moved = []
    try:
        # `.lab` last: until it is there, this is no workspace. The answers first: see above.
        order = {STATE: 2, ANSWERS: 0}
        for path in sorted(building.iterdir(), key=lambda path: order.get(path.name, 1)):
            moved.append(path.rename(target / path.name))
        building.rmdir()
    except OSError:
        for path in moved:
            path.rename(building / path.name)
        raise
