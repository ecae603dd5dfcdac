"""Predictions that were missed come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from lab.quiz.review import WAITS, play_review, review
from lab.scenario import Exercise, Prediction
from lab.workspace import creation
from lab.workspace.journal import Journal, Kind
from lab.workspace.workspace import Workspace
from tests.support.quiz import (
    Learner,
)


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return creation.create(tmp_path / "my-todos")


# Spaced review of predictions


PREDICTION = Prediction(
    "What happens?", lambda seen: 1, {1: "It works", 2: "It fails", 3: "It waits"}, "Because."
)
BROKEN = Exercise("break", "t", "t", "t", (), (), prediction=PREDICTION, id="break-2", number=2)


def predict(journal: Journal, right: bool, happened: str | None = "It fails") -> None:
    journal.append(
        Kind.PREDICTION,
        "break-2",
        question="What happens?",
        predicted="It works",
        happened=happened,
        right=right,
    )


def test_a_missed_prediction_comes_back_later_and_later_until_it_sticks(made: Workspace) -> None:
    journal, exercises = made.journal, {"break-2": BROKEN}
    assert review(journal, exercises) == ()
    predict(journal, right=True)
    assert review(journal, exercises) == ()
    predict(journal, right=False)
    (missed,) = review(journal, exercises)
    assert missed.question.declared.says == "It fails"

    wrong = Learner(lambda asked: [o.says for o in asked.options].index("It waits"))
    (chosen,) = play_review([missed], made, wrong, Random(1))
    assert (chosen.is_right, chosen.said) == (False, "What happened was: It fails. Because.")
    for wait in (*WAITS, None):
        if wait is None:
            assert review(journal, exercises, datetime.now(UTC) + timedelta(days=1000)) == ()
            break
        later = datetime.now(UTC) + wait
        assert review(journal, exercises, later - timedelta(minutes=1)) == () or not wait
        (missed,) = review(journal, exercises, later)
        (chosen,) = play_review([missed], made, Learner(), Random(1))
        assert (chosen.is_right, chosen.said) == (True, "Because.")
    assert journal.entries(Kind.PREDICTION)[-1].data["right"] is False  # the score is not touched
    predict(journal, right=False)
    assert len(review(journal, exercises)) == 1


def test_a_prediction_that_cannot_be_asked_again_is_left_out(made: Workspace) -> None:
    predict(made.journal, right=False, happened=None)
    assert review(made.journal, {"break-2": BROKEN}) == ()
    predict(made.journal, right=False)
    other = replace(BROKEN, prediction=replace(PREDICTION, question="Another?"))
    assert review(made.journal, {"break-2": other, "fix-1": replace(BROKEN, prediction=None)}) == ()
    stops = Learner(lambda asked: None)
    assert play_review(review(made.journal, {"break-2": BROKEN}), made, stops, Random(1)) == ()
