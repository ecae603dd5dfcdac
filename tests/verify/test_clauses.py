"""Each clause of a task has a check, and each check a clause: clauses.toml, held to be whole.

A table for each exercise that is judged: its task, word for word, cut into clauses in their order.
A clause has the names of the checks that judge it; an exercise that is included stands for all of
its checks. What asks nothing of the app has a sentence in their place: it is what the learner does,
or what the task leaves open. Under `besides` are the checks that no clause asks for, by the reason.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.course import catalogue
from lab.course.catalogue import check_files
from lab.scenario import Exercise
from lab.verify.checks import in_file

BESIDES = "besides"
TABLE: Mapping[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("clauses.toml").read_text(encoding="utf-8")
)


@dataclass(frozen=True)
class Judged:
    """What an exercise asks for, and what judges it."""

    task: str
    checks: tuple[str, ...]
    includes: tuple[str, ...] = ()


def judged() -> dict[str, Judged]:
    """Every exercise that has checks of its own."""
    return {
        id: Judged(
            entry.task,
            tuple(check.name for file in check_files(id) for check in in_file(file)),
            entry.includes,
        )
        for id, entry in catalogue.load().exercises.items()
        if isinstance(entry, Exercise) and check_files(id)
    }


JUDGED = judged()


def lacks(exercise: Judged, table: Mapping[str, Any]) -> Iterator[str]:
    """What the table of an exercise lacks, or has too much of."""
    clauses = {key: value for key, value in table.items() if key != BESIDES}
    rest, left = exercise.task, list(clauses)
    while left and rest.startswith(left[0]):
        rest = rest.removeprefix(left.pop(0)).lstrip()
    if rest or left:
        yield f"task and clauses part: {rest[:60]!r} is not {left[0] if left else ''!r}"
    named = [*clauses.items(), *table.get(BESIDES, {}).items()]
    for clause, value in named:
        if not value or not isinstance(value, str | list):
            yield f"no check, and no reason why there is none: {clause!r}"
    names = [name for _, value in named if isinstance(value, list) for name in value]
    known = {*exercise.checks, *exercise.includes}
    yield from (f"there is no such check: {name}" for name in names if name not in known)
    yield from (f"no clause names the check {name}" for name in known if name not in names)


@pytest.mark.parametrize("id", JUDGED)
def test_each_clause_of_a_task_has_a_check_and_each_check_a_clause(id: str) -> None:
    assert list(lacks(JUDGED[id], TABLE.get(id, {}))) == []


def test_the_table_is_about_exercises_that_are_judged() -> None:
    assert TABLE.keys() == JUDGED.keys()


TWO = Judged("Add a count. It is never negative.", ("counts", "is_positive"), ("persist",))
WHOLE: dict[str, Any] = {
    "Add a count.": ["counts"],
    "It is never negative.": ["is_positive"],
    BESIDES: {"What any exercise asks.": ["persist"]},
}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name != key}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (WHOLE, []),
        (without("It is never negative."), ["task and clauses part", "is_positive"]),
        (
            {"Add the count.": ["counts"], **without("Add a count.")},
            ["'Add a count. It is never negative.' is not 'Add the count.'"],
        ),
        ({**WHOLE, "And more.": "What the learner does."}, ["task and clauses part"]),
        ({**WHOLE, "It is never negative.": []}, ["no check, and no reason", "is_positive"]),
        ({**WHOLE, "Add a count.": ["counts", "sums"]}, ["no such check: sums"]),
        (without(BESIDES), ["no clause names the check persist"]),
    ],
)
def test_a_table_that_is_not_whole_is_told(table: dict[str, Any], says: Sequence[str]) -> None:
    found = list(lacks(TWO, table))
    assert len(found) == len(says), found
    for each, words in zip(found, says, strict=True):
        assert words in each
