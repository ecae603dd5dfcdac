"""A sample of the corpus, of which `lab dev check` judges the whole."""

from __future__ import annotations

from collections import Counter

import pytest

from lab.appserver.launchers import Launcher
from lab.dev.corpus import Solution
from lab.dev.jobs import Judge
from lab.dev.trials import OneOfTheCorpus
from tests.corpus import CORPUS

DOCUMENTED = ["persist", *(f"{kind}-{n}" for kind in ("alter", "fix") for n in (1, 2, 3))]
OF_EACH = 2  # solutions of each verdict in the sample, for each exercise


def sample(solutions: list[Solution]) -> list[Solution]:
    """A few of each exercise and verdict, the styles as mixed as they can be."""
    used: Counter[str | None] = Counter()
    chosen = []
    for exercise in DOCUMENTED:
        for correct in (True, False):
            found = [s for s in solutions if s.exercise == exercise and s.correct is correct]
            for _ in range(OF_EACH):
                best = min(found, key=lambda s: used[s.style])
                found.remove(best)
                used[best.style] += 1
                chosen.append(best)
    return chosen


SOLUTIONS = CORPUS.load()
SAMPLE = [  # a few of them, where time is short: `lab dev check` has the whole corpus
    pytest.param(solution, marks=pytest.mark.long) if number % (2 * OF_EACH + 1) else solution
    for number, solution in enumerate(sample(SOLUTIONS))
]


@pytest.fixture(scope="session")
def judge(launcher: Launcher) -> Judge:
    return Judge(launcher)


@pytest.mark.launchers
@pytest.mark.parametrize("solution", SAMPLE, ids=str)
def test_a_solution_gets_the_verdict_that_it_must(judge: Judge, solution: Solution) -> None:
    (trial,) = OneOfTheCorpus(CORPUS.folder, solution).run(judge).trials
    assert trial.right, str(trial)
    assert not trial.unclear, "a failure says what was expected, what came, and what to think about"


@pytest.mark.parametrize("exercise", DOCUMENTED)
def test_an_exercise_has_enough_solutions_in_enough_styles(exercise: str) -> None:
    found = CORPUS.load(exercise)
    assert sum(solution.correct for solution in found) >= 8
    assert sum(not solution.correct for solution in found) >= 10
    assert len({solution.style for solution in found}) >= 6
    assert all(solution.why.strip() for solution in found)


def test_every_style_is_in_use() -> None:
    assert {solution.style for solution in SOLUTIONS} >= set(CORPUS.styles())
