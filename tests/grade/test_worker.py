"""A worker says what came of a submission, also where no judge ever sees it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab import resources
from lab.grade.judge import Job
from lab.grade.outcome import Outcome, Status
from lab.grade.walls import Wall
from lab.grade.worker import Order, judged
from lab.model import Verdict

CONFINED = Wall(landlock=True)


def outcome_of(
    source: Path, seconds: float = 60.0, exercise: str = "persist", wall: Wall = CONFINED
) -> Outcome:
    job = Job("ada", "", (exercise,), called=source.name)
    return judged(Order(job, str(source), wall, seconds))


def test_who_is_on_the_roster_and_handed_nothing_in_is_told_so(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path / "ada.zip")
    assert (outcome.status, outcome.gradable) == (Status.EMPTY, True)
    assert outcome.says == "Nothing was handed in: there is no ada.zip."


def test_what_takes_too_long_is_stopped_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "ada.zip").write_bytes(b"")
    outcome = outcome_of(tmp_path / "ada.zip", seconds=0.01)
    assert (outcome.status, outcome.gradable) == (Status.STOPPED, True)


@pytest.mark.long
def test_four_hundred_clients_at_one_instant_fit_into_the_memory_of_what_judges(
    tmp_path: Path,
) -> None:
    shutil.copytree(resources.folder("todos_app"), tmp_path / "ada" / "todos_app")
    outcome = outcome_of(tmp_path / "ada", seconds=300.0, exercise="fix-32", wall=Wall())
    assert outcome.status is Status.JUDGED, outcome.says
    assert [exercise.verdict for exercise in outcome.exercises] == [Verdict.PASSED]
