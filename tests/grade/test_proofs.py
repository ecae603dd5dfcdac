"""The longer proofs: verdicts that are known beforehand, and kills at any moment."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from lab.dev.corpus import Corpus, Solution
from lab.grade.results import read
from lab.grade.scores import result_of
from lab.grade.submissions import RESULTS
from tests.support.commands import LAB, Shell

pytestmark = pytest.mark.long

CORPUS = Corpus(Path(__file__).parents[1] / "corpus")
JUDGED = ("persist", "alter-1", "alter-2", "alter-3")
EACH = 5  # solutions of each exercise
KILLS = 5
SEED = 20261128


def handed_in(folder: Path, solutions: list[Solution]) -> Path:
    """A roster of these solutions."""
    lines = ["student,path,app"]
    for solution in solutions:
        name = f"{solution.exercise} {solution.name}"
        app = CORPUS.build(solution, folder / name)
        lines.append(f"{name},{name},{app}")
    (folder / "class.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder / "class.csv"


def some(each: int) -> list[Solution]:
    """Right and wrong solutions of each exercise, the same at each call."""
    chosen = random.Random(SEED)
    return [
        solution
        for exercise in JUDGED
        for solution in chosen.sample([s for s in CORPUS.load(exercise) if not s.on_server], each)
    ]


def test_every_verdict_is_as_known_beforehand(tmp_path: Path) -> None:
    shell, solutions = Shell(tmp_path), some(EACH)
    handed_in(tmp_path, solutions)
    ended = shell.lab("grade", "class.csv", "--exercises", ",".join(JUDGED), "-o", "out")
    ended.said(f"{len(solutions)} submissions")
    _, outcomes = read(tmp_path / "out" / RESULTS)
    found = {}
    for solution in solutions:
        outcome = next(
            o for o in outcomes if o.submission == f"{solution.exercise} {solution.name}"
        )
        result = result_of(outcome, solution.exercise)
        found[str(solution)] = result.verdict if result else outcome.says
    assert found == {str(solution): solution.verdict for solution in solutions}
    assert shell.left() == [] and shell.processes() == []


def test_killed_at_any_moment_and_called_again_it_comes_to_the_same_gradebook(
    tmp_path: Path,
) -> None:
    shell, chosen = Shell(tmp_path), random.Random(SEED)
    handed_in(tmp_path, some(1))
    words = ["grade", "class.csv", "--exercises", "persist", "-j", "2", "-o"]
    began = time.monotonic()
    assert shell.lab(*words, "whole").code == 0
    whole = time.monotonic() - began
    for _ in range(KILLS):
        running = subprocess.Popen(
            [*LAB, *words, "out"],
            cwd=tmp_path,
            env=shell.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            running.wait(chosen.uniform(0.1, 1.0) * whole)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
    assert shell.lab(*words, "out").code == 0
    books = [(tmp_path / name / "gradebook.csv").read_bytes() for name in ("whole", "out")]
    assert books[0] == books[1]
    lines = (tmp_path / "out" / RESULTS).read_bytes().splitlines()
    assert len(lines) == 1 + len(JUDGED)  # none twice, and none lost
    assert shell.left() == [] and shell.processes() == []


def test_two_shards_merged_come_to_the_same_gradebook(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    handed_in(tmp_path, some(1))
    words = ["grade", "class.csv", "--exercises", "persist"]
    assert shell.lab(*words, "-o", "whole").code == 0
    for part in ("1/2", "2/2"):
        assert shell.lab(*words, "--shard", part, "-o", part[0]).code == 0
    assert shell.lab("grade", "merge", "2", "1", "-o", "out").code == 0
    books = [(tmp_path / name / "gradebook.csv").read_bytes() for name in ("whole", "out")]
    assert books[0] == books[1]
