"""The gradebook: a line for each submission, in a CSV that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
import re

from lab.grade.outcome import Outcome
from lab.grade.scores import SELF_REPORTED, Class, plain, result_of
from lab.model import Verdict

# Where commas are for decimals, spreadsheets part cells at each semicolon instead.
AFTER_SEMICOLON = re.compile(r';(?=[\s"]*[=+\-@])')
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what spreadsheets take for more than a text


def csv_of(found: Class) -> bytes:
    """Return the gradebook; the same results give the same bytes, in whatever order they came."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    titles = [f"{id} (self-reported)" if is_told(id) else id for id in found.exercises]
    writer.writerow(["student", "score", "of", "gradable", "status", *titles, "failed", "says"])
    for outcome in found.outcomes:
        total = found.total(outcome)
        writer.writerow(
            map(
                _cell,
                [
                    outcome.submission,
                    str(total),
                    plain(total.most),
                    "yes" if outcome.gradable else "no",
                    outcome.status,
                    *(str(found.score(outcome, exercise)) for exercise in found.exercises),
                    " ".join(failed(found, outcome)),
                    outcome.says,
                ],
            )
        )
    return text.getvalue().encode("utf-8", "replace")


def is_told(exercise: str) -> bool:
    """Whether its result is only what the learner's own journal says."""
    return exercise.startswith(SELF_REPORTED)


def failed(found: Class, outcome: Outcome) -> list[str]:
    """Return the checks that a submission has failed, as `exercise/check`."""
    results = (result_of(outcome, exercise) for exercise in found.exercises)
    return [
        f"{result.id}/{check.name}"
        for result in results
        if result
        for check in result.checks
        if check.verdict is Verdict.FAILED
    ]


def _cell(text: str) -> str:
    """Return a text that no spreadsheet computes, and no terminal obeys."""
    one_line = " ".join(text.replace("\0", "").splitlines()) if text.strip() else text
    shown = "".join(char if char.isprintable() else "\ufffd" for char in one_line)
    return AFTER_SEMICOLON.sub(";'", f"'{shown}" if one_line.startswith(FORMULA) else shown)
