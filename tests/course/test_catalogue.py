"""The catalogue: what it finds, what it refuses, and that listing is cheap."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lab import resources
from lab.course import catalogue
from lab.course.catalogue import BadScenario
from lab.model import UsageError
from lab.scenario import Demo, Exercise
from lab.scenario.observations import Seen

PLAYED = ["persist", "alter-1", "alter-2", "alter-3"]
BROKEN = ["break-1", "fix-1", "break-2", "fix-2", "break-3", "fix-3"]
LINES = 110  # with the texts of two exercises, or of a test
# Those of the explanations have questions, snippets and model answers in them.
FILES = sorted(
    path.name
    for path in resources.folder("scenarios").glob("*.py")
    if not path.name.startswith("explain_")
)

TEMPLATE = """
from lab import scenario as s

alter = s.Exercise(
    kind="alter",
    title="T",
    teaches="T",
    task="T",
    hints=("look", "ask", "type"),
    prediction=s.Prediction("Q?", lambda seen: 200, {200: "a", 404: "b", 500: "c"}, "why"),
    variants=(s.Variant("says", steps=(s.MigrateDatabase(),)),),
    after=(s.Start(),),
)
scenario = s.Scenario("004", (alter,))
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes scenario files, each the template with one text replaced, and returns the folder."""

    def write(name: str, old: str = "", new: str = "") -> Path:
        assert old in TEMPLATE
        (tmp_path / name).write_text(TEMPLATE.replace(old, new) if old else TEMPLATE, "utf-8")
        return tmp_path

    return write


def test_the_exercises_come_in_the_order_of_the_course() -> None:
    ids = list(catalogue.exercises())
    assert [id for id in ids if not id.startswith("explain")] == PLAYED + BROKEN
    assert ids[: len(PLAYED + BROKEN)] == PLAYED + BROKEN


def test_every_exercise_that_can_be_played_is_judged_by_a_check() -> None:
    assert catalogue.load().without_checks() == []


@pytest.mark.parametrize("name", FILES)
def test_a_scenario_file_stays_short(name: str) -> None:
    text = (resources.folder("scenarios") / name).read_text("utf-8")
    assert len(text.splitlines()) < LINES


@pytest.mark.parametrize("id", catalogue.exercises(everything=True))
def test_an_exercise_names_the_course_note_that_it_comes_from(id: str) -> None:
    assert catalogue.exercise(id).source.startswith("00")


def test_the_first_hint_does_not_say_what_to_type() -> None:
    for id in PLAYED + BROKEN:
        look, ask, type_ = catalogue.exercise(id).hints
        assert look.startswith("Look"), id
        assert ask.startswith("Ask"), id
        assert type_.startswith(("Type", "Stop")), id


@pytest.mark.parametrize("id", PLAYED + BROKEN)
def test_what_comes_true_is_found_by_looking_never_declared(id: str) -> None:
    prediction = catalogue.load().playable(id).prediction
    assert prediction is not None
    assert len(prediction.texts) >= 3
    prediction.of(Seen())  # works on anything that was seen, also on nothing


def test_listing_imports_nothing_that_is_slow() -> None:
    code = (
        "import sys\nfrom lab.course import catalogue\ncatalogue.load()\n"
        "slow = {'libcst', 'fastapi', 'sqlalchemy', 'pytest', 'httpx', 'alembic', 'rich'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("asked", "nearest"), [("brake-2", "break-2"), ("fix2", "fix-2"), ("alter_1", "alter-1")]
)
def test_an_unknown_id_is_told_the_nearest_ones(asked: str, nearest: str) -> None:
    with pytest.raises(UsageError) as caught:
        catalogue.exercise(asked)
    assert caught.value.exit_code == 2
    assert nearest in caught.value.remedy


def test_an_id_is_found_in_capitals_too() -> None:
    assert catalogue.exercise("BREAK-2").id == "break-2"


def test_a_demo_of_an_exercise_is_its_full_circle() -> None:
    told = catalogue.load().showing("fix-2")
    assert isinstance(told, tuple)
    assert [exercise.id for exercise in told] == ["break-2", "fix-2"]
    assert [exercise.id for exercise in _exercises("alter-2")] == ["alter-2"]


def _exercises(name: str) -> tuple[Exercise, ...]:
    told = catalogue.load().showing(name)
    assert isinstance(told, tuple)
    return told


@pytest.mark.parametrize("name", ["persistence", "memory"])
def test_demos_have_names_of_their_own(name: str) -> None:
    assert isinstance(catalogue.load().showing(name), Demo)
    assert name not in catalogue.exercises(everything=True)


def test_an_unknown_demo_is_told_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="no demo") as caught:
        catalogue.load().showing("persistense")
    assert "persistence" in caught.value.remedy


def test_a_sound_file_gets_its_ids_from_its_name(written: Callable[..., Path]) -> None:
    found = catalogue.load(written("alter_4_more.py"))
    assert list(found.exercises) == ["alter-4"]
    assert found.exercises["alter-4"].source == "004"


def test_files_are_ordered_by_number_and_not_by_letter(written: Callable[..., Path]) -> None:
    written("alter_10_last.py")
    assert list(catalogue.load(written("alter_9_first.py")).exercises) == ["alter-9", "alter-10"]


def test_two_files_with_one_id_are_refused(written: Callable[..., Path]) -> None:
    written("alter_4_one.py")
    with pytest.raises(BadScenario, match="alter-4 already"):
        catalogue.load(written("alter_4_two.py"))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('("look", "ask", "type")', '("look", "ask")', "3 hints"),
        ('("look", "ask", "type")', '("look", " ", "type")', "3 hints"),
        ('title="T"', 'title=" "', "no title"),
        ('task="T"', 'task=""', "no task"),
        (', 404: "b", 500: "c"', ', 404: "b"', "fewer than 3 choices"),
        ('500: "c"', '500: "a"', "fewer than 3 choices"),
        ('"says"', '""', "no says"),
        ("after=(s.Start(),)", "after=()", "shows nothing"),
        ('kind="alter"', 'kind="break"', "no symptom"),
        ('kind="alter"', 'kind="fix"', "when it is needed"),
        ('kind="alter"', 'kind="mend"', "no known kind"),
        ("(s.MigrateDatabase(),)", "(s.Migrate(),)", "cannot be read"),
        ('"004"', '""', "no source"),
        ("scenario =", "story =", "declares no `scenario`"),
        ("(alter,)", "()", "neither an exercise nor a demo"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_with_its_name_and_the_rule(
    written: Callable[..., Path], old: str, new: str, problem: str
) -> None:
    with pytest.raises(BadScenario) as caught:
        catalogue.load(written("alter_4_bad.py", old, new))
    assert "alter_4_bad.py" in caught.value.message
    assert problem in caught.value.message


def test_a_file_whose_name_gives_no_id_is_refused(written: Callable[..., Path]) -> None:
    with pytest.raises(BadScenario, match="name it as"):
        catalogue.load(written("Alter.py"))
