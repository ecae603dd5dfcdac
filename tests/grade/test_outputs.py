"""Scores, and the files that others read of them."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lab.grade import github, gradebook, gradescope, junit, outputs
from lab.grade.outcome import Outcome, Status, from_line, to_line
from lab.grade.results import Results
from lab.grade.scores import Class, points
from lab.model import CheckResult, ExerciseResult, UsageError, Verdict
from lab.terminal import grade as view
from lab.terminal.console import make_console
from tests.support.commands import LAB

PASSED, FAILED, ERROR = Verdict.PASSED, Verdict.FAILED, Verdict.ERROR
NOT_APPLICABLE = Verdict.NOT_APPLICABLE
EVIL = '=cmd|"/c calc"!A1 <script>alert(1)</script> ]]> \x00\x1b[31m, ::error::x\r\nnext'


def exercise(id: str, *verdicts: Verdict) -> ExerciseResult:
    checks = [
        CheckResult(f"check_{n}", f"Says {n}", v, actual=EVIL) for n, v in enumerate(verdicts)
    ]
    return ExerciseResult(id, verdicts[0], tuple(checks))


def judged(name: str, *exercises: ExerciseResult) -> Outcome:
    return Outcome(name, "d", Status.JUDGED, exercises=exercises)


def of(*outcomes: Outcome, ids: tuple[str, ...] = ("persist", "alter-1")) -> Class:
    return Class(ids, tuple(sorted(outcomes, key=lambda o: o.submission)), points(ids))


def rows(found: Class) -> list[list[str]]:
    return list(csv.reader(io.StringIO(gradebook.csv_of(found).decode())))[1:]


def test_an_exercise_is_a_point_and_its_checks_are_shares_of_it() -> None:
    ada = judged("ada", exercise("persist", PASSED, PASSED), exercise("alter-1", PASSED, FAILED))
    assert rows(of(ada))[0][:7] == ["ada", "1.5", "2", "yes", "judged", "1", "0.5"]


def test_what_is_not_applicable_costs_nothing() -> None:
    ada = judged("ada", exercise("persist", NOT_APPLICABLE, PASSED), exercise("alter-1", PASSED))
    bob = judged("bob", exercise("persist", NOT_APPLICABLE), exercise("alter-1", FAILED))
    eve = judged("eve", exercise("persist", NOT_APPLICABLE), exercise("alter-1", NOT_APPLICABLE))
    scores = [(row[1], row[2]) for row in rows(of(ada, bob, eve))]
    assert scores == [("2", "2"), ("0", "1"), ("", "0")]


def test_an_error_is_no_score_and_never_a_zero() -> None:
    ada = judged("ada", exercise("persist", PASSED), exercise("alter-1", ERROR, PASSED))
    bob = Outcome("bob", "d", Status.ERROR, "the machine")
    eve = Outcome("eve", "d", Status.EMPTY, "There is nothing in it.")
    found = of(ada, bob, eve)
    assert [row[:7] for row in rows(found)] == [
        ["ada", "", "2", "no", "judged", "1", ""],
        ["bob", "", "2", "no", "error", "", ""],
        ["eve", "0", "2", "yes", "empty", "0", "0"],
    ]
    for outcome in (ada, bob):
        document = json.loads(gradescope.json_of(found, outcome))
        assert "score" not in document and document["extra_data"]["gradable"] is False


def test_points_come_from_a_file_and_what_is_self_reported_counts_only_there(
    tmp_path: Path,
) -> None:
    file = tmp_path / "points.toml"
    file.write_text("alter-1 = 2.5\n")
    worth = points(("persist", "alter-1", "explain-1"), file)
    assert worth == {"persist": 1, "alter-1": Fraction(5, 2), "explain-1": 0}
    for wrong in ("alter-9 = 1", "alter-1 = 'x'", "alter-1 = -1", "alter-1 = inf", "="):
        file.write_text(wrong)
        with pytest.raises(UsageError):
            points(("alter-1",), file)


def test_no_cell_of_the_gradebook_is_a_formula_and_each_submission_is_one_line() -> None:
    ada = Outcome(EVIL, "d", Status.NO_APP, EVIL)
    found = of(ada, *(Outcome(f"{sign}1", "d", Status.EMPTY) for sign in "=+-@\t"))
    for row in rows(found):
        assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert not row[-1].startswith("=")
    assert gradebook.csv_of(found).count(b"\n") == 7


def test_nor_is_one_where_semicolons_part_cells_and_no_terminal_obeys_the_gradebook() -> None:
    ada = Outcome('ada;=1+1;"=2";  @3', "d", Status.NO_APP, "\x1b[2Jx;-4; fine\u202e")
    text = gradebook.csv_of(of(ada)).decode()
    for row in csv.reader(io.StringIO(text), delimiter=";"):
        assert not any(cell.strip(' "').startswith(("=", "+", "-", "@")) for cell in row)
    assert "; fine" in text and text.replace("\n", "").isprintable()


def test_the_gradebook_is_the_same_in_whatever_order_results_came() -> None:
    three = [judged(name, exercise("persist", PASSED)) for name in "abc"]
    assert gradebook.csv_of(of(*three)) == gradebook.csv_of(of(*reversed(three)))


def test_junit_has_a_case_for_each_check_and_reads_as_xml_whatever_it_says() -> None:
    ada = judged(EVIL, exercise("persist", PASSED, FAILED), exercise("alter-1", ERROR))
    bob = Outcome("bob", "d", Status.SYNTAX_ERROR, EVIL)
    root = ElementTree.fromstring(junit.xml_of(of(ada, bob)))
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "3",
        "errors": "1",
        "skipped": "0",
    }
    assert [case.get("name") for case in root.iter("testcase")][:2] == ["Says 0", "Says 1"]
    assert root.find(".//script") is None


def test_gradescope_gets_scores_that_add_up() -> None:
    ada = judged("ada", exercise("persist", PASSED, FAILED, PASSED), exercise("alter-1", FAILED))
    document = json.loads(gradescope.json_of(of(ada), ada))
    assert document["score"] == pytest.approx(2 / 3, abs=1e-3)
    assert sum(test["score"] for test in document["tests"]) == pytest.approx(2 / 3, abs=1e-3)
    assert sum(test["max_score"] for test in document["tests"]) == pytest.approx(2, abs=1e-3)
    assert [t["status"] for t in document["tests"]] == ["passed", "failed", "passed", "failed"]


def test_no_text_of_a_submission_is_a_command_or_markup_to_github() -> None:
    found = of(Outcome(EVIL, "d", Status.NO_APP, EVIL), judged("bob", exercise("persist", FAILED)))
    lines = list(github.commands(found))
    assert len(lines) == 2 and all(line.startswith("::error title=lab grade%3A") for line in lines)
    assert all("\n" not in line and "\r" not in line for line in lines)
    table = github.summary(found).splitlines()[2:]
    assert len(table) == 4
    assert all(line.count("|") == table[0].count("|") and "<script" not in line for line in table)


def test_what_is_printed_of_a_submission_is_no_command_to_github_either(tmp_path: Path) -> None:
    names = ["::error title=lab grade%3A bob::failed", "##[add-mask]passed", "::stop-commands::x"]
    with Results(tmp_path / "part", ["persist"]) as results:
        for name in names:
            results.add(Outcome(name, "d", Status.NO_APP, f"{'x ' * 40}\n::warning::y"))
    done = subprocess.run(
        [*LAB, "grade", "merge", "part", "-o", "out"],
        cwd=tmp_path,
        env=os.environ | {"GITHUB_ACTIONS": "true", "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    lines, heard = iter(done.stdout.splitlines()), []
    for line in lines:
        if line.startswith("::stop-commands::"):
            end = f"::{line.removeprefix('::stop-commands::')}::"
            assert len([*iter(partial(next, lines), end)]) > 3
        else:
            heard.append(line)
    assert len(heard) == 3 and all(line.startswith("::error title=lab grade%3A") for line in heard)


def test_each_submission_has_a_file_of_its_own_in_the_folder(tmp_path: Path) -> None:
    names = ["../../ada", "..", ".hidden", "a/b", "a\\b", "ü" * 300, "ü" * 301, "plain"]
    found = of(*(Outcome(name, "d", Status.EMPTY) for name in names))
    written = outputs.write(found, tmp_path / "out")
    assert len(set(written)) == len(names) + 3
    assert all(path.is_file() and path.is_relative_to(tmp_path / "out") for path in written)
    assert {path.parent for path in written[3:]} == {tmp_path / "out" / "gradescope"}


def test_an_outcome_is_the_same_after_its_way_through_a_line() -> None:
    ada = judged(EVIL, exercise("persist", PASSED, FAILED))
    assert to_line(ada).count(b"\n") == 1
    assert from_line(to_line(ada)) == ada
    no_text = Outcome("eve", "d", Status.NO_APP, "half of a character: \ud800")
    assert from_line(to_line(no_text)).says == "half of a character: ?"
    for line in (b"", b"{}", b"[]", b'{"submission": 1}'):
        with pytest.raises(ValueError):
            from_line(line)


def test_of_one_submission_the_table_speaks_in_the_singular() -> None:
    screen = io.StringIO()
    ada = replace(judged("ada", exercise("persist", PASSED)), wall="bubblewrap")
    view.show(make_console(width=80, file=screen), of(ada, ids=("persist",)), Path("grades"))
    assert "\n\n1 submission, judged behind bubblewrap.\n" in screen.getvalue()
    assert "\n\n\n" not in screen.getvalue(), "where nothing has failed, there is no gap for it"
