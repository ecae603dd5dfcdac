"""A new workspace's folder: it appears whole, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lab.model import LabError, UsageError
from lab.workspace.files import cannot_write

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
    """Raise UsageError where the target is a workspace, a file, or a folder that holds anything."""
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
    name = f".{target.name or 'workspace'}.lab-new-{os.getpid()}"
    made = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
    # An empty target stays the folder that it is: a shell may stand in it.
    building = (target if target.exists() else target.parent) / name
    try:
        building.mkdir(parents=True)
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


def _move_up(building: Path, target: Path) -> None:
    moved = []
    try:
        # `.lab` last: until it is there, this is no workspace.
        for path in sorted(building.iterdir(), key=lambda path: path.name == STATE):
            moved.append(path.rename(target / path.name))
        building.rmdir()
    except OSError:
        for path in moved:
            path.rename(building / path.name)
        raise
