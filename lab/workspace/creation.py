"""A new workspace's folder: it appears whole, or not at all."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lab import regular_files
from lab.model import LabError, UsageError
from lab.workspace import lock
from lab.workspace.files import cannot_write, writing
from lab.workspace.snapshots import ANSWERS, GIVEN

STATE = ".lab"
DEFAULT = "my-todos"

ANSWERS_TEXT = """\
# My answers

Write under each heading, in your own words. Two or three sentences are enough.

## explain-1: What is an ORM, and how does the class `Todo` relate to a table?

## explain-2: What does `Depends(get_db)` do, and why is it better than a session made in each endpoint?

## explain-3: What is the difference between a SQLAlchemy model and a Pydantic schema, and why both?

## explain-4: What does `yield` do in `get_db`, and what is the `finally` block for?
"""  # noqa: E501


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
        raise UsageError(
            f"{target} is not empty.",
            "Name a new folder, for example `lab init my-lab`; or adopt the project that is there: "
            f"`lab init {DEFAULT} --from {target} --app MODULE:ATTR`.",
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
