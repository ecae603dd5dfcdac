"""Every scenario keeps its promise: healthy, changed, its symptom, and healthy again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import catalogue
from lab.catalogue import check_files
from lab.dev.bench import Bench
from lab.dev.check import not_here, stories
from lab.dev.contract import Contract, Showing
from lab.dev.trials import OwnSolution
from lab.server.launchers import Launcher

KNOWN = catalogue.load()
PLAYED = [id for story in stories(KNOWN) for id in story if not not_here(KNOWN.playable(id))]
JUDGED = [id for id in PLAYED if check_files(id)]
DOCUMENTED = catalogue.exercises()


def marks(*ids: str) -> pytest.MarkDecorator:
    """The further track takes longer than a short run of the tests should."""
    return pytest.mark.launchers if set(ids) <= set(DOCUMENTED) else pytest.mark.long


def told() -> Iterator[object]:
    """Every story that can be told on this machine."""
    for story in stories(KNOWN):
        if any(not_here(KNOWN.playable(id)) for id in story):
            continue
        yield pytest.param(story, id="+".join(story), marks=marks(*story))


@pytest.fixture(scope="session")
def bench(launcher: Launcher) -> Bench:
    return Bench(launcher)


@pytest.mark.parametrize("story", list(told()))
def test_a_story_keeps_its_contract(bench: Bench, story: tuple[str, ...]) -> None:
    outcome = Contract(story).run(bench)
    assert not outcome.problems
    assert {trial.exercise for trial in outcome.trials} == {id for id in story if id in JUDGED}
    wrong = [str(trial) for trial in outcome.trials if not trial.right]
    assert not wrong


@pytest.mark.parametrize("exercise", [pytest.param(id, marks=marks(id)) for id in JUDGED])
def test_the_labs_own_solution_passes(bench: Bench, exercise: str) -> None:
    (trial,) = OwnSolution(exercise).run(bench).trials
    assert trial.right, str(trial)


@pytest.mark.long
@pytest.mark.parametrize("name", KNOWN.demos)
def test_a_demo_plays_to_its_end(bench: Bench, name: str) -> None:
    assert not Showing(name).run(bench).problems


def test_everything_that_is_played_is_judged() -> None:
    assert not KNOWN.without_checks()
