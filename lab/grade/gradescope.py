"""A submission's result as Gradescope's autograders report it in results.json."""

from __future__ import annotations

import json
from typing import Any

from lab.grade.gradebook import is_told
from lab.grade.junit import in_words
from lab.grade.outcome import Outcome
from lab.grade.scores import Class, result_of
from lab.model import CheckResult, Verdict

SHOWN = 20_000  # characters of one test's output


def json_of(found: Class, outcome: Outcome) -> bytes:
    """Return the document; one that has no score says so, and Gradescope then asks the teacher."""
    total = found.total(outcome)
    document: dict[str, Any] = {
        "output": outcome.says or "Judged by starting, killing and restarting your API.",
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "gradable": outcome.gradable,
            "status": outcome.status,
            "wall": outcome.wall,
            "self_reported": [id for id in found.exercises if is_told(id)],
        },
        "tests": [
            test for exercise in found.exercises for test in _tests(found, outcome, exercise)
        ],
    }
    if total.reached is not None:
        document["score"] = float(round(total.reached, 4))
        document["execution_time"] = round(outcome.seconds)
    return json.dumps(document, indent=1, ensure_ascii=True).encode()


def _tests(found: Class, outcome: Outcome, exercise: str) -> list[dict[str, Any]]:
    score, result = found.score(outcome, exercise), result_of(outcome, exercise)
    checks = result.checks if result else ()
    counted = [c for c in checks if c.verdict in (Verdict.PASSED, Verdict.FAILED)]
    if (score.reached is None and not checks) or not counted:
        reached = None if score.reached is None else float(round(score.reached, 4))
        said = (result.note if result else None) or outcome.says
        is_right = reached is not None and score.reached == score.most > 0
        return [_test(exercise, exercise, said, is_right, reached, float(score.most))]
    share = float(score.most / len(counted))
    tests = []
    for number, check in enumerate(checks, start=1):
        right = check.verdict is Verdict.PASSED
        reached = None
        if score.reached is not None and check in counted:
            reached = share if right else 0.0
        says = f"{exercise}: {check.says}"
        number_of = f"{exercise}.{number}"
        tests.append(_test(says, number_of, _said(check), right, reached, share))
    return tests


def _said(check: CheckResult) -> str:
    return "" if check.verdict is Verdict.PASSED else in_words(check)


def _test(
    name: str, number: str, output: str | None, right: bool, reached: float | None, most: float
) -> dict[str, Any]:
    """Return one test; without a score where there is none, as of what is not applicable."""
    test: dict[str, Any] = {
        "name": name,
        "number": number,
        "status": "passed" if right else "failed",
        "output": (output or "")[:SHOWN],
        "visibility": "visible",
    }
    if reached is not None:
        test |= {"score": round(reached, 4), "max_score": round(most, 4)}
    return test
