"""`lab dev`: what it finds wrong with a kit, what it counts, and how a new exercise starts."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from lab import resources
from lab.course import catalogue
from lab.dbserver.url import NAMES
from lab.dev import check
from lab.dev.check import Proofs, proof_of, prove
from lab.dev.corpus import Corpus, CorpusError
from lab.dev.jobs import Judge, run_all
from lab.dev.new import start
from lab.dev.report import as_json, show_proofs
from lab.dev.servers import VARIABLES
from lab.dev.trials import Outcome, OwnSolution, Trial
from lab.model import CheckResult, Evidence, ExerciseResult, LabError, UsageError, Verdict

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SOLUTIONS = """
[[solution]]
name = "right"
style = "reference"
verdict = "passed"
why = "nothing was changed"

[[solution]]
name = "wrong"
style = "reference"
verdict = "failed"
why = "nothing is committed"
[[solution.edit]]
file = "todos_app/main.py"
find = "    db.commit()  # until here, nothing is in the file"
put = "    db.flush()"
"""
CHECKS = '''
"""persist: what was made is there after a restart."""

from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_survives_a_stop(running: Todos) -> None:
    """What was made is there after the server was stopped and started again."""
    made = running.create("Made before the stop")
    running.server.restart()
    if not running.present([made]):
        raise CheckFailed("it is there", "it is not", "Is it committed?")
'''


@pytest.fixture
def own_kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the kit in which a test may spoil something: `persist` alone, to be quick."""
    root = tmp_path / "kit"
    for name in ("scenarios", "checks"):
        (root / name).mkdir(parents=True)
    shutil.copy(ROOT / "scenarios" / "persist.py", root / "scenarios")
    shutil.copy(ROOT / "checks" / "conftest.py", root / "checks")
    (root / "checks" / "test_persist.py").write_text(CHECKS, "utf-8")
    shutil.copytree(ROOT / "todos_app", root / "todos_app")
    (root / "pyproject.toml").touch()
    corpus = root / "tests" / "corpus"
    (corpus / "styles").mkdir(parents=True)
    (corpus / "persist.toml").write_text(SOLUTIONS, "utf-8")
    monkeypatch.setattr(resources, "folder", lambda name: root / name)
    forget()
    yield root
    forget()


def forget() -> None:
    """Let go of the kit that was read last: pytest knows modules of checks by their names."""
    catalogue.load.cache_clear()
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "").parent.name == "checks":
            del sys.modules[name]


@pytest.fixture
def checked(own_kit: Path) -> Callable[..., Proofs]:
    """Proves the kit of the test, in this process."""
    return lambda *ids: prove(ids, own_kit / "tests" / "corpus", workers=1)


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


# -- the matrix ------------------------------------------------------------------------------


OWN = {"first", "second"}  # the checks of x-1
SHOWN = Evidence(curl="curl", response="500")


def trial(wanted: Verdict, evidence: Evidence | None = SHOWN, **checks: bool) -> Trial:
    results = tuple(
        CheckResult(
            name,
            name,
            Verdict.PASSED if passed else Verdict.FAILED,
            expected="that",
            actual="this",
            help="Look.",
            evidence=evidence,
        )
        for name, passed in checks.items()
    )
    verdict = Verdict.PASSED if all(checks.values()) else Verdict.FAILED
    return Trial("x-1", "somebody's", wanted, ExerciseResult("x-1", verdict, results))


def test_what_must_be_said_of_a_solution_and_is_not_is_a_problem() -> None:
    said, unsaid = (replace(trial(Verdict.FAILED, first=False), says=it) for it in ("this", "that"))
    proof = proof_of("x-1", [said, unsaid], None, ())
    assert proof.problems == ("somebody's: no check says 'that' of it.",)


def test_shards_prove_the_course_each_and_together_all_that_is_beyond_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proven: list[set[str]] = []

    def note(own: Sequence[OwnSolution], *rest: object) -> list[Outcome]:
        proven.append({job.exercise for job in own})
        return []

    monkeypatch.setattr(check, "_outcomes", note)
    for number in ("1/3", "2/3", "3/3"):
        prove((), None, shard=number)
    prove((), None)
    first, second, third, everything = proven
    assert first | second | third == everything
    assert first & second == second & third == first & third >= {"persist", "alter-1", "fix-3"}
    with pytest.raises(UsageError):
        prove((), None, shard="4/3")


def test_the_matrix_counts_what_a_check_catches_and_what_it_alone_catches() -> None:
    trials = [
        trial(Verdict.FAILED, first=False, second=False),
        trial(Verdict.FAILED, first=True, second=False),
        trial(Verdict.PASSED, first=True, second=True),
    ]
    proof = proof_of("x-1", trials, Corpus(ROOT), OWN)
    assert [(row.check, row.catches, row.alone) for row in proof.rows] == [
        ("first", 1, 0),
        ("second", 2, 1),
    ]
    assert (proof.correct, proof.wrong) == (1, 2)


def test_a_check_that_catches_nothing_alone_is_a_problem_where_it_is_the_exercises_own() -> None:
    trials = [
        trial(Verdict.FAILED, first=False, second=False),
        trial(Verdict.FAILED, first=True, second=False),
    ]
    (problem,) = proof_of("x-1", trials, Corpus(ROOT), OWN).problems
    assert "first catches nothing alone" in problem
    own = {"second"}  # first is another exercise's, and proven there
    assert not proof_of("x-1", trials, Corpus(ROOT), own).problems
    assert not proof_of("x-1", trials, None, OWN).problems


def test_a_check_that_catches_nothing_is_a_problem() -> None:
    trials = [trial(Verdict.FAILED, first=False, second=True)]
    (problem,) = proof_of("x-1", trials, Corpus(ROOT), OWN).problems
    assert "second catches nothing" in problem
    assert not proof_of("x-1", trials, None, OWN).problems  # without a corpus nothing is known


def test_a_right_solution_that_fails_and_a_wrong_one_that_passes_are_problems() -> None:
    trials = [trial(Verdict.PASSED, first=False), trial(Verdict.FAILED, first=True)]
    wronged, missed = proof_of("x-1", trials, None, OWN).problems
    assert "must be passed and is failed: first: this" in wronged
    assert "must be failed and is passed" in missed


def test_a_failure_that_shows_nothing_is_a_problem() -> None:
    trials = [trial(Verdict.FAILED, evidence=None, first=False)]
    (problem,) = proof_of("x-1", trials, Corpus(ROOT), OWN).problems
    assert "first fails without expected, actual, help or evidence" in problem


def test_the_matrix_is_printed_and_every_problem_with_it() -> None:
    trials = [trial(Verdict.FAILED, first=False, second=True)]
    proof = proof_of("x-1", trials, Corpus(ROOT), OWN)
    proofs = Proofs((proof,), ("a loose end",), 1, ROOT, 1.0)
    screen = Console(file=io.StringIO(), width=100)
    show_proofs(screen, proofs)
    printed = screen.file.getvalue()  # type: ignore[attr-defined]
    assert "x-1: 0 right, 1 wrong" in printed
    assert "2 problems: 1 verdicts" in printed
    assert "second catches nothing" in printed
    assert "a loose end" in printed
    assert as_json(proofs)["sound"] is False
    assert as_json(proofs)["exercises"][0]["checks"][0] == {
        "check": "first",
        "catches": 1,
        "alone": 1,
    }


# -- kits that are not sound -----------------------------------------------------------------


def test_a_sound_kit_is_found_so(checked: Callable[..., Proofs]) -> None:
    proofs = checked()
    assert proofs.sound, (proofs.problems, proofs.exercises)
    (proof,) = proofs.exercises
    assert (proof.correct, proof.wrong) == (3, 1)  # the start and the lab's own are right as well
    assert proofs.solutions == 2


def test_without_a_corpus_the_contract_is_proven_all_the_same(own_kit: Path) -> None:
    proofs = prove(["persist"], None, workers=1)
    assert proofs.sound
    assert proofs.exercises[0].correct == 2
    screen = Console(file=io.StringIO(), width=100)
    show_proofs(screen, proofs)
    assert "only contracts and start states" in screen.file.getvalue()  # type: ignore[attr-defined]


def test_a_check_that_cannot_fail_is_found(own_kit: Path, checked: Callable[..., Proofs]) -> None:
    check = own_kit / "checks" / "test_persist.py"
    check.write_text(
        check.read_text("utf-8") + "\n\ndef test_idle(todos: Todos) -> None:\n    'Idle.'\n"
    )
    assert checked().exercises[0].problems == (
        "the check idle catches nothing: no wrong one fails it.",
    )


@pytest.mark.long
def test_a_check_that_fails_everybody_is_found(
    own_kit: Path, checked: Callable[..., Proofs]
) -> None:
    check = own_kit / "checks" / "test_persist.py"
    check.write_text(
        check.read_text("utf-8") + "\n\ndef test_hopeless(todos: Todos) -> None:\n    'Hopeless.'\n"
        "    raise CheckFailed('more', 'this', 'help')\n"
    )
    problems = checked().exercises[0].problems
    assert any("the lab's own solution must be passed and is" in problem for problem in problems)


def test_files_that_cannot_be_read_are_told_in_a_sentence(
    own_kit: Path, checked: Callable[..., Proofs]
) -> None:
    (own_kit / "checks" / "test_persist.py").write_text("import nothing_of_that_name\n")
    problem = checked().problems[0]
    assert "test_persist.py" in problem
    assert "cannot be read" in problem
    assert "nothing_of_that_name" in problem
    (own_kit / "scenarios" / "persist.py").write_text("scenario = (\n")
    forget()
    (problem,) = checked().problems
    assert problem.startswith("scenarios/persist.py: it cannot be read")


def test_loose_ends_are_found(own_kit: Path, checked: Callable[..., Proofs]) -> None:
    (own_kit / "checks" / "test_alter_9_nothing.py").write_text("def test_it() -> None: ...\n")
    (own_kit / "tests" / "corpus" / "alter-9.toml").write_text("")
    problems = checked().problems
    assert any("test_alter_9_nothing.py judges no exercise" in problem for problem in problems)
    assert any("alter-9.toml in the corpus is about no exercise" in problem for problem in problems)


def test_what_needs_a_server_is_left_out_where_none_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    proofs = prove(["fix-14"], None, workers=1)
    assert not proofs.exercises
    assert [label for label, _ in proofs.skipped] == [
        f"{id} on {name}" for id in ("break-14", "fix-14") for name in NAMES.values()
    ]
    assert all("names none" in why for _, why in proofs.skipped)


def test_what_is_to_be_left_out_is_left_out_with_its_story() -> None:
    proofs = prove(["fix-3"], None, workers=1, without=["break-3"])
    assert (proofs.exercises, proofs.problems) == ((), ())
    with pytest.raises(UsageError):
        prove(["fix-3"], None, workers=1, without=["break-300"])


def test_a_server_that_is_named_and_down_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLES["mysql"], "mysql://u:s3cr3t-w0rd@127.0.0.1:1/x")
    proofs = prove(["alter-9"], None, workers=1)
    assert not proofs.sound
    assert all("127.0.0.1:1" in problem for problem in proofs.problems)
    assert "s3cr3t-w0rd" not in str(proofs)


def test_a_solution_that_cannot_be_built_is_told(
    own_kit: Path, checked: Callable[..., Proofs]
) -> None:
    spoil(own_kit / "tests" / "corpus" / "persist.toml", "db.commit()", "db.commit_all()")
    (problem,) = checked().problems
    assert "persist/wrong: found 0 times" in problem


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[[solution]\n", "x-1.toml"),
        ("[[solution]]\nname = 'a'\n", "missing keys: verdict, why"),
        ("[[solution]]\nname = 'a'\nverdict = 'maybe'\nwhy = 'b'\n", "one of passed, failed"),
        ("[[solution]]\nname = 'a'\nverdict = 'passed'\nwhy = 'b'\nbasis = 1\n", "basis"),
        ("[[solution]]\nname = 'a'\nverdict = 'passed'\nwhy = 'b'\n" * 2, "two of this name"),
    ],
)
def test_a_corpus_that_breaks_its_rules_is_refused(tmp_path: Path, toml: str, says: str) -> None:
    (tmp_path / "x-1.toml").write_text(toml)
    with pytest.raises(CorpusError) as caught:
        Corpus(tmp_path).load()
    assert says in caught.value.message


# -- jobs ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Square:
    number: int

    def run(self, judge: Judge) -> tuple[int, int]:
        if self.number < 0:
            raise LabError("no negative numbers", "Take another.")
        if self.number > 99:
            os._exit(1)
        return self.number**2, os.getpid()


def test_results_come_in_the_order_of_the_jobs_from_several_processes() -> None:
    done: list[tuple[int, int]] = []
    results = run_all([Square(number) for number in range(8)], 2, done.append)
    assert [square for square, _ in results] == [number**2 for number in range(8)]
    assert sorted(done) == sorted(results)
    assert os.getpid() not in {pid for _, pid in results}


def test_what_a_job_raises_is_raised_and_a_process_that_ends_is_told() -> None:
    with pytest.raises(LabError, match="no negative"):
        run_all([Square(1), Square(-1)], 2)
    with pytest.raises(LabError, match="has ended"):
        run_all([Square(1), Square(100)], 2)


# -- a new exercise --------------------------------------------------------------------------


def test_a_new_exercise_can_be_read_and_is_not_sound_yet(
    own_kit: Path, checked: Callable[..., Proofs]
) -> None:
    made = start("break-7", "a_thing")
    assert {file.relative_to(own_kit).as_posix() for file in made} == {
        "scenarios/break_7_a_thing.py",
        "checks/test_break_7_a_thing.py",
        "checks/test_fix_7_a_thing.py",
        "tests/corpus/break-7.toml",
        "tests/corpus/fix-7.toml",
    }
    catalogue.load.cache_clear()
    assert {"break-7", "fix-7"} <= set(catalogue.load().exercises)
    ruff = Path(sys.executable).with_name("ruff")
    written = [file for file in made if file.suffix == ".py"]
    subprocess.run([ruff, "check", "--config", ROOT / "pyproject.toml", *written], check=True)
    proofs = checked("break-7")
    assert [proof.exercise for proof in proofs.exercises] == ["break-7", "fix-7"]
    assert not proofs.sound


def test_a_new_exercise_never_takes_the_place_of_another(own_kit: Path) -> None:
    (made, *_) = start("alter-5", "first")
    with pytest.raises(UsageError, match="already"):
        start("alter-5", "first")
    made.write_text("mine", "utf-8")
    with pytest.raises(LabError):
        start("alter-5", "first")
    assert made.read_text("utf-8") == "mine"


@pytest.mark.parametrize("id", ["persist", "fix-9", "break", "alter-0", "alter-x"])
def test_an_id_that_no_new_exercise_can_have_is_refused(own_kit: Path, id: str) -> None:
    with pytest.raises(UsageError):
        start(id, "name")


def test_a_wheel_is_not_written_to(own_kit: Path) -> None:
    (own_kit / "pyproject.toml").unlink()
    with pytest.raises(UsageError, match="wheel"):
        start("alter-5", "name")
