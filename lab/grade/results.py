"""The results so far, on the disk: a line for each, so that a kill loses none."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from lab.grade.outcome import Outcome, Status, from_line, to_line
from lab.grade.submissions import RESULTS, Submission
from lab.model import LabError, UsageError, WorkspaceBusy
from lab.workspace import files, lock


class Results:
    """The file of results in a folder, held by one command at a time.

    Its first line says which exercises were judged. What a kill has left of the last line is
    dropped. Raises UsageError where the folder holds results of other exercises, WorkspaceBusy,
    CannotWrite, and LabError where a line in the middle cannot be read.
    """

    def __init__(self, folder: Path, exercises: Sequence[str]) -> None:
        self.path = folder / RESULTS
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            self._hold()
            head, self._outcomes = _read(self.path)
            os.truncate(self._handle, _whole(self.path))
            if head is None:
                self._append(json.dumps({"exercises": [*exercises]}).encode() + b"\n")
                files.sync_folder(folder)
        except OSError as error:
            raise files.cannot_write(error, self.path) from error
        if head is not None and head != [*exercises]:
            self.close()
            raise UsageError(
                f"{self.path} has the results of other exercises: {', '.join(head)}.",
                "Name another folder with -o, or the same exercises.",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._handle)

    def _hold(self) -> None:
        try:
            lock.acquire(self._handle)
        except OSError as error:
            os.close(self._handle)
            raise WorkspaceBusy(
                f"Another `lab grade` is writing {self.path}.", "Wait until it is done."
            ) from error

    def _append(self, line: bytes) -> None:
        written = os.write(self._handle, line)
        if written < len(line):  # the disk filled up: raises what stopped it
            os.write(self._handle, line[written:])
        os.fsync(self._handle)

    def add(self, outcome: Outcome) -> None:
        """Keep one more result; it is on the disk when this returns. Raises CannotWrite."""
        try:
            self._append(to_line(outcome))
        except OSError as error:
            raise files.cannot_write(error, self.path) from error
        self._outcomes[outcome.submission] = outcome

    def lacks(self, submission: Submission) -> bool:
        """Whether there is no result of this submission as it is now. An error is none."""
        known = self._outcomes.get(submission.name)
        if known is None or known.status is Status.ERROR:
            return True
        return known.digest != submission.digest()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The latest result of each submission, by name."""
        return tuple(self._outcomes[name] for name in sorted(self._outcomes))


def read(path: Path) -> tuple[tuple[str, ...], tuple[Outcome, ...]]:
    """Return the exercises and the results of a file. Raises LabError."""
    try:
        head, outcomes = _read(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.", f"Name a folder with a {RESULTS} in it."
        ) from error
    if head is None:
        raise UsageError(f"{path} is empty.", "Call `lab grade` for it first.")
    return tuple(head), tuple(outcomes.values())


def merged(folders: Sequence[Path]) -> tuple[tuple[str, ...], tuple[Outcome, ...]]:
    """Return the exercises and results of several folders, each submission once, by name.

    Raises UsageError where they do not belong together, LabError.
    """
    if not folders:
        raise UsageError("There is nothing to merge.", "Name the folders that -o has named.")
    heads = set()
    found: dict[str, Outcome] = {}
    for folder in folders:
        head, outcomes = read(folder / RESULTS)
        heads.add(head)
        for outcome in outcomes:
            known = found.get(outcome.submission)
            if known and known.digest != outcome.digest and known.gradable and outcome.gradable:
                raise UsageError(
                    f"{outcome.submission} was judged twice, and is not the same.",
                    f"Take one of the two out: {folder / RESULTS} has the second.",
                )
            if known is None or not known.gradable:
                found[outcome.submission] = outcome
    if len(heads) > 1:
        raise UsageError(
            "These results are of different exercises.", "Merge what was judged alike."
        )
    return heads.pop(), tuple(found[name] for name in sorted(found))


def _whole(path: Path) -> int:
    """Return how many bytes whole lines have."""
    return path.read_bytes().rfind(b"\n") + 1


def _read(path: Path) -> tuple[list[str] | None, dict[str, Outcome]]:
    lines = path.read_bytes()[: _whole(path)].split(b"\n")[:-1]
    if not lines:
        return None, {}
    number = 1
    with suppress(ValueError, KeyError, TypeError):
        head = [str(id) for id in json.loads(lines[0])["exercises"]]
        found: dict[str, Outcome] = {}
        for number, line in enumerate(lines[1:], start=2):  # noqa: B007
            outcome = from_line(line)
            found[outcome.submission] = outcome
        return head, found
    raise LabError(
        f"Line {number} of {path} cannot be read.",
        "Name another folder with -o; or take that line out, and its submission is judged again.",
    )
