"""Scenarios keep their promise: healthy, changed, its symptom, and healthy again.

The documented track, under either launcher; `lab dev check` proves all there are.
"""

from __future__ import annotations

import pytest

from lab.appserver.launchers import Launcher
from lab.course import catalogue
from lab.course.catalogue import check_files
from lab.dev.check import stories
from lab.dev.contract import Contract
from lab.dev.jobs import Judge
from lab.dev.trials import OwnSolution
from lab.scenario import Exercise

KNOWN = catalogue.load()
PLAYED = [id for id in catalogue.exercises() if isinstance(KNOWN.exercise(id), Exercise)]
JUDGED = [id for id in PLAYED if check_files(id)]


@pytest.fixture(scope="session")
def judge(launcher: Launcher) -> Judge:
    return Judge(launcher)


@pytest.mark.long
@pytest.mark.launchers
@pytest.mark.parametrize("story", stories(KNOWN, PLAYED), ids="+".join)
def test_a_story_keeps_its_contract(judge: Judge, story: tuple[str, ...]) -> None:
    outcome = Contract(story).run(judge)
    assert not outcome.problems
    assert {trial.exercise for trial in outcome.trials} == {id for id in story if id in JUDGED}
    wrong = [str(trial) for trial in outcome.trials if not trial.right]
    assert not wrong


@pytest.mark.long
@pytest.mark.launchers
@pytest.mark.parametrize("exercise", JUDGED)
def test_the_labs_own_solution_passes(judge: Judge, exercise: str) -> None:
    (trial,) = OwnSolution(exercise).run(judge).trials
    assert trial.right, str(trial)


def test_everything_that_is_played_is_judged() -> None:
    assert not KNOWN.without_checks()
