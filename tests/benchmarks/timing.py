"""Commands and functions, timed in interleaved pairs."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Spent:
    """What something took: seconds on the clock, and of all its processes together."""

    wall: float
    cpu: float


Measure = Callable[[], Spent]


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured in the lab, beside what, and in how many pairs."""

    what: str
    beside: str
    ours: Spent
    theirs: Spent | None
    pairs: int
    ratio: float | None = None  # the median over the pairs
    note: str = ""


class Failed(Exception):
    """A command that was to be timed has not done what it should."""


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Spent:
    """Run a command to its end. Raises Failed where its exit code is not 0."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            said = output.read()[-1000:].decode(errors="replace")
            raise Failed(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return Spent(wall, used.ru_utime + used.ru_stime)


def paired(what: str, beside: str, ours: Measure, theirs: Measure, pairs: int) -> Row:
    """Measure both in turns, each one first every other time, after one turn that is not counted.

    On a machine whose speed changes, the ratio within a pair is what can be trusted.
    """
    ours(), theirs()
    mine: list[Spent] = []
    other: list[Spent] = []
    for number in range(pairs):
        turns = [(ours, mine), (theirs, other)]
        for measure, kept in turns if number % 2 else reversed(turns):
            kept.append(measure())
    ratio = statistics.median(b.wall / a.wall for a, b in zip(mine, other, strict=True))
    return Row(what, beside, median(mine), median(other), pairs, ratio)


def median(spent: Sequence[Spent]) -> Spent:
    """The medians of wall and CPU time."""
    return Spent(
        statistics.median(one.wall for one in spent), statistics.median(one.cpu for one in spent)
    )


def lab(*arguments: str) -> list[str]:
    """The command line of the lab, as its console script runs it."""
    return [sys.executable, "-c", "from lab.cli import main; main()", *arguments]


def fresh(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without what makes pytest, the lab or Python another one than by default."""
    left = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "LAB_LAUNCHER")
    left += ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    return {name: value for name, value in environment.items() if name not in left}
