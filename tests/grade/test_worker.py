"""A worker says what came of a submission, also where no judge ever sees it."""

from __future__ import annotations

from pathlib import Path

from lab.grade.judge import Job
from lab.grade.outcome import Outcome, Status
from lab.grade.walls import Wall
from lab.grade.worker import Order, judged


def outcome_of(source: Path, seconds: float = 60.0) -> Outcome:
    job = Job("ada", "", ("persist",), called=source.name)
    return judged(Order(job, str(source), Wall(landlock=True), seconds))


def test_who_is_on_the_roster_and_handed_nothing_in_is_told_so(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path / "ada.zip")
    assert (outcome.status, outcome.gradable) == (Status.EMPTY, True)
    assert outcome.says == "Nothing was handed in: there is no ada.zip."


def test_what_takes_too_long_is_stopped_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "ada.zip").write_bytes(b"")
    outcome = outcome_of(tmp_path / "ada.zip", seconds=0.01)
    assert (outcome.status, outcome.gradable) == (Status.STOPPED, True)
