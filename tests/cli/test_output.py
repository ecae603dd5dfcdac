"""What commands print: 80 columns hold it, NO_COLOR is heeded, and words say it all."""

from __future__ import annotations

import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest

from lab.course import catalogue, progress
from lab.course.comparison import keep_passed
from lab.model import Verdict
from lab.terminal import course
from lab.terminal.console import make_console
from lab.workspace import creation
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace
from tests.support.terminal import LAB, Learner, plain, words

COLOUR = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    """A learner in an own workspace in which a bit of everything has happened."""
    made = creation.create(tmp_path / "my-todos")
    happened(made)
    return Learner(tmp_path)


def happened(made: Workspace) -> None:
    journal = made.journal
    journal.append(Kind.VERDICT, "persist", verdict=Verdict.PASSED)
    models = made.folder / "todos_app" / "models.py"
    mark = "    # A function,"
    text = models.read_text("utf-8")
    models.write_text(text.replace(mark, "    # Mine.\n" + mark), "utf-8")
    keep_passed(made, ["alter-1"])
    journal.append(Kind.ASSISTED, "alter-1", variant="")
    journal.append(Kind.VERDICT, "alter-1", verdict=Verdict.PASSED)
    journal.append(Kind.VERDICT, "alter-2", verdict=Verdict.FAILED, failed=["x"], help="Think.")
    journal.append(Kind.SYMPTOM, "break-2", by="run")
    journal.append(
        Kind.ANSWER,
        "explain-1",
        points=["It says what", "and why"],
        marks=[True, False],
        answer=".",
    )


QUICK = (
    "lab",
    "lab list --all",
    "lab show alter-1",
    "lab hint alter-2",
    "lab diff",
    "lab diff alter-1",
    "lab snapshots",
    "lab explain --show-marks",
    "lab undo",
)


@pytest.mark.parametrize("command", QUICK)
def test_80_columns_without_colours_and_without_a_terminal_say_the_same(
    command: str, learner: Learner
) -> None:
    learner.environment["NO_COLOR"] = "1"
    on_terminal = learner.types(command).read()
    assert not [style for style in COLOUR.findall(on_terminal) if re.search(r"[349]\d", style)]
    shown = plain(on_terminal)
    is_code = command.startswith("lab diff")  # the learner's own lines stay as they are
    assert is_code or max(len(line.rstrip()) for line in shown.splitlines()) <= 80, shown
    piped = subprocess.run(
        [LAB, *command.split()[1:]], cwd=learner.folder, capture_output=True, text=True, check=False
    )
    said = piped.stdout + piped.stderr
    assert "\x1b" not in said
    if "hint" not in command:  # each call gives another one
        assert words(shown) == words(said)


def test_80_columns_hold_every_task_and_24_lines_the_whole_course(tmp_path: Path) -> None:
    made = creation.create(tmp_path / "my-todos")
    for entry in catalogue.exercises(everything=True).values():
        screen = StringIO()
        console = make_console(width=80, file=screen)
        course.show_task(console, entry, progress.place(made, entry.id))
        assert max(len(line.rstrip()) for line in screen.getvalue().splitlines()) <= 80
        assert "To do: " in screen.getvalue()
    screen = StringIO()
    course.show_list(make_console(width=80, file=screen), progress.standing(made))
    assert len(screen.getvalue().splitlines()) < 24


def test_every_command_is_said_in_one_line(learner: Learner) -> None:
    assert not re.search(r"\w[,.]*\.\.\.\s*$", plain(learner.lab("lab --help")), re.MULTILINE)


def test_what_colours_say_is_said_in_words_too(learner: Learner) -> None:
    shown = words(learner.run("list"))
    for said in (
        "persist Todos outlive the server 10 min passed",
        "alter-1 A priority for each todo 20 min passed with help",
        "alter-2 A filter for the list 20 min tried",
        "fix-2 Bring the table up to date 10 min broken",
        "fix-3 Every session is closed 10 min not started",
        "Next: fix-2, Bring the table up to date",
    ):
        assert said in shown


def test_marks_are_shown_to_an_instructor_in_words(learner: Learner) -> None:
    shown = words(learner.run("explain", "--show-marks"))
    assert "yes It says what no and why" in shown
    marks = learner.json("explain", "--show-marks")["marks"]
    assert [point["made"] for point in marks[0]["points"]] == [True, False]


def test_a_hint_says_how_many_there_are_and_speaks_to_the_latest_failure(learner: Learner) -> None:
    shown = words(learner.run("hint"))
    assert shown.startswith("fix-2 hint 1 of 3")  # it is broken: that is where the learner is
    shown = words(learner.run("hint", "alter-2"))
    assert "alter-2 hint 1 of 3" in shown
    assert "About your latest failure: Think. `lab hint alter-2` again tells more." in shown


@pytest.mark.long
def test_what_takes_more_than_a_moment_shows_that_it_is_at_work(tmp_path: Path) -> None:
    learner = Learner(tmp_path)
    assert "Making your workspace" in learner.lab("lab init")
    assert "Starting your API" in learner.lab("lab trace GET /todos")
    assert "Starting" in learner.lab("! lab verify alter-3")
