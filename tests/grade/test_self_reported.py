"""What a handed-in .lab/ says is looked at, marked as the learner's own word, and not trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.grade.judge import predictions, self_reported
from lab.grade.outcome import Prediction
from lab.model import Verdict


def journal(folder: Path, *lines: object) -> Path:
    (folder / ".lab").mkdir()
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / ".lab" / "journal.jsonl").write_text(text + "\n", "utf-8")
    return folder


def said(exercise: str | None, **data: object) -> dict[str, object]:
    return {"at": "2026-01-01T00:00", "kind": "prediction", "exercise": exercise, "data": data}


def test_the_first_prediction_for_each_exercise_that_there_is_is_told(tmp_path: Path) -> None:
    journal(
        tmp_path,
        said("break-1", predicted="500", right=False),
        said("break-1", predicted="200", right=True),
        said("persist", predicted="kept", right=True),
        *(said(f"break-{number}", predicted="x", right=True) for number in range(1000, 1100)),
    )
    assert predictions(tmp_path) == (
        Prediction("break-1", "500", False),
        Prediction("persist", "kept", True),
    )


@pytest.mark.parametrize(
    "line",
    ["no json", "[[[[", "{}", said(None, predicted="x", right=True), said("persist", predicted=1)],
)
def test_a_forged_journal_is_no_error(tmp_path: Path, line: object) -> None:
    journal(tmp_path, line)
    assert predictions(tmp_path) == ()
    (result,) = self_reported(tmp_path, ["explain-1"])
    assert result.verdict is Verdict.NOT_STARTED


def test_a_journal_behind_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    journal(tmp_path / "real", said("persist", predicted="kept", right=True))
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / ".lab").symlink_to(tmp_path / "real" / ".lab")
    assert predictions(tmp_path / "app") == ()


def test_answers_that_cannot_be_read_are_not_the_machines_fault(tmp_path: Path) -> None:
    journal(tmp_path, said("persist", predicted="kept", right=True))
    (tmp_path / "answers.md").mkdir()
    (result,) = self_reported(tmp_path, ["explain-1"])
    assert result.verdict is Verdict.NOT_STARTED
