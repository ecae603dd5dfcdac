"""The whole course, from an empty folder to "You can move on": by hand, and by a script."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.support.terminal import WORDS, Learner, asked, plain, words

EXPLAINED = ("explain-1", "explain-2", "explain-3", "explain-4")
# An editor: it opens the file, writes below the last heading, and saves.
EDITOR = """\
import sys
from pathlib import Path

path = Path(sys.argv[1])
text = path.read_text("utf-8")
path.write_text(text.replace("## {next}", {words!r} + "\\n\\n## {next}"), "utf-8")
"""


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    folder = tmp_path / "empty"
    folder.mkdir()
    return Learner(folder)


def see(terminal: pexpect.spawn, text: str) -> None:
    """Wait until the words stand on the screen, whatever their style and however wrapped."""
    gap = r"(?:\x1b\[[\d;?]*[A-Za-z]|\s)+"
    terminal.expect(gap.join(map(_exactly, text.split())))


def _exactly(word: str) -> str:
    return "".join(f"\\{sign}" if not sign.isalnum() else sign for sign in word)


@pytest.mark.long
def test_the_first_steps_on_a_terminal(learner: Learner) -> None:
    assert "Next: `lab init`" in words(learner.lab("lab"))
    learner.lab("lab init")
    assert "Next: persist" in words(learner.lab("lab"))
    shown = learner.lab("lab run break-1", ("Your prediction", "1"))
    assert "You said: 201: the todo is made" in words(shown)
    assert "What happened: 500: the todo cannot be written Not as you said." in words(shown)
    listed = words(learner.lab("lab list"))
    assert "fix-1 Start again after the file is gone 10 min broken" in listed
    assert "You predicted 0 of 1 outcomes right. Next: fix-1" in listed
    for number in (1, 2, 3):
        assert f"fix-1 hint {number} of 3" in learner.lab("lab hint").replace("  ", " ")
    assert not (learner.workspace / "todos.db").exists()
    assert "Undone: 1 file is as before. todos.db" in words(learner.lab("lab undo"))
    assert (learner.workspace / "todos.db").exists()
    # The prediction that missed comes back.
    terminal = learner.types("lab explain")
    terminal.expect_exact("Your answer (1 to 3")
    screen = plain(terminal.before)
    assert "A prediction of yours did not come true." in words(screen)
    _, options = asked(screen)
    terminal.sendline(next(n for n, option in options.items() if option.startswith("500")))
    see(terminal, "Right. SQLite opens a file once for each connection")
    see(terminal, "explain-1 What an ORM is")
    terminal.expect_exact("Your answer (1 to")
    terminal.sendline("q")
    see(terminal, "explain-1 is not done yet. What you did is kept.")
    see(terminal, "`lab explain explain-1` goes on from here.")
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert terminal.exitstatus == 1


@pytest.mark.long
def test_the_whole_course_with_a_terminal_and_an_editor_alone(
    learner: Learner, tmp_path: Path
) -> None:
    learner.lab("lab")
    learner.lab("lab init")
    learner.lab("lab show persist")
    learner.lab("lab run persist", ("Your prediction", "3"))
    shown = words(learner.lab("lab verify persist"))
    assert "persist passed" in shown
    assert "Next: alter-1" in shown

    shown = words(learner.lab("! lab verify alter-1"))
    assert "priority no no no no no no" in shown
    watch_the_alterations(learner)
    # The table is from before there was a priority. The lab says so wherever it is in the way.
    shown = words(learner.lab("lab verify alter-1"))
    assert "Your own database was made before: its table lacks priority." in shown
    shown = words(learner.lab("! lab run break-1"))
    assert "`lab run fix-2 --migrate` keeps the todos" in shown
    (learner.workspace / "todos.db").unlink()
    assert "lacks priority" not in words(learner.lab("lab verify alter-1"))

    compared = learner.lab("lab diff alter-2")
    assert "-        query = query.where(Todo.completed == completed)" in compared or (
        "+        query = query.where(Todo.completed.is_(completed))" in compared
    )
    assert "priority" not in "".join(line for line in compared.splitlines() if line[:1] in "+-")

    learner.lab("lab run break-1", ("Your prediction", "3"))
    shown = words(learner.lab("lab verify fix-1"))
    assert "fix-1 passed" in shown

    learner.lab("lab run break-2", ("Your prediction", "2"))
    shown = words(learner.lab("! lab verify fix-2"))
    assert "minutes yes no" in shown  # in the model, and not in the table
    (learner.workspace / "todos.db").unlink()
    assert "fix-2 passed" in words(learner.lab("lab verify fix-2"))

    database = learner.workspace / "todos_app" / "database.py"
    healthy = database.read_text("utf-8")
    learner.lab("lab run break-3", ("Your prediction", "1"))
    for _ in range(3):
        shown = words(learner.lab("! lab verify fix-3"))
    assert "`lab hint fix-3` has a hint for you" in shown
    assert "hint 1 of 3" in learner.lab("lab hint")
    database.write_text(healthy, "utf-8")
    shown = words(learner.lab("lab verify fix-3"))
    assert "fix-3 passed" in shown
    assert "Next: explain-1" in shown

    editor = tmp_path / "editor.py"
    editor.write_text(EDITOR.format(words=WORDS, next="explain-3"))
    learner.explains("explain-1")
    learner.environment["EDITOR"] = f"{sys.executable} {editor}"
    shown = learner.explains("explain-2", words=None)
    assert f"open answers.md in {sys.executable}" in words(shown)
    shown = words(learner.lab("! lab verify"))
    assert "You can move on." not in shown
    assert "Still missing: explain-3." in shown
    learner.explains("explain-3")
    learner.explains("explain-4")

    shown = words(learner.lab("lab verify"))
    assert shown.count("yes ") == 4
    assert "You can move on. Judged in" in shown
    assert "You have done every exercise of the course" in words(learner.lab("lab"))
    assert "passed with help" not in learner.lab("lab list")
    assert "yes" in learner.lab("lab explain --show-marks")


def watch_the_alterations(learner: Learner) -> None:
    """All three, at one watch, with its keys."""
    terminal = learner.types("lab watch")
    see(terminal, "alter-1 failed")
    see(terminal, "Waiting for a save")
    terminal.send("h")
    see(terminal, "alter-1 hint 1 of 3")
    learner.adds_priority()
    see(terminal, "Press `n` for the next exercise")
    terminal.send("n")
    see(terminal, "alter-2 failed")
    see(terminal, "Waiting for a save")
    terminal.send("l")
    see(terminal, "alter-1 A priority for each todo 20 min passed")
    terminal.send("d")
    see(terminal, "+ priority: int = 0")
    learner.adds_filter()
    see(terminal, "Press `n` for the next exercise")
    terminal.send("n")
    see(terminal, "alter-3 failed")
    see(terminal, "Waiting for a save")
    terminal.send("u")
    see(terminal, "There is nothing to undo")
    learner.adds_count()
    see(terminal, "alter-3 passed")
    see(terminal, "Waiting for a save")
    terminal.send("q")
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert terminal.exitstatus == 0, plain(terminal.before)


@pytest.mark.long
@pytest.mark.longest
def test_the_whole_course_by_options_and_json(learner: Learner) -> None:
    assert learner.json("list")["next"] == "persist"
    learner.run("init")
    learner.run("run", "persist", "--predict", "3")
    assert verdicts(learner, "persist") == {"persist": "passed"}

    alterations = ("alter-1", "alter-2", "alter-3")
    assert set(verdicts(learner, *alterations, code=1).values()) == {"failed"}
    learner.adds_priority()
    learner.adds_filter()
    learner.adds_count()
    assert set(verdicts(learner, *alterations).values()) == {"passed"}
    add_column(learner, "priority")

    learner.run("run", "break-1", "--predict", "1")
    assert verdicts(learner, "fix-1") == {"fix-1": "passed"}
    learner.run("run", "break-2", "--predict", "2")
    assert verdicts(learner, "fix-2", code=1) == {"fix-2": "failed"}
    add_column(learner, "minutes")
    document = learner.json("verify", "fix-2")
    assert "was kept." in document["exercises"][0]["note"]
    learner.run("run", "break-3", "--no-predict")
    assert verdicts(learner, "fix-3", code=1) == {"fix-3": "failed"}
    learner.run("run", "fix-3", "--predict", "1")
    assert verdicts(learner, "fix-3") == {"fix-3": "passed"}

    document = learner.json("verify", code=1)
    assert document["mastered"] is False
    for id in EXPLAINED:
        explain(learner, id)
    document = learner.json("verify")
    assert document["mastered"] is True
    assert {exercise["verdict"] for exercise in document["exercises"]} == {"passed"}
    assert [sentence["exercise"] for sentence in document["mastery"]] == [
        "explain-3",
        "explain-2",
        "alter-1",
        "fix-1",
    ]
    assert all(sentence["since"] for sentence in document["mastery"])
    listed = learner.json("list")
    assert listed["next"] is None
    assert listed["predictions"]["made"] == 4
    states = {exercise["id"]: exercise["state"] for exercise in listed["exercises"]}
    assert states.pop("fix-3") == "passed with help"
    assert {states.pop(f"break-{number}") for number in (1, 2, 3)} == {"seen"}
    assert set(states.values()) == {"passed"}
    marks = learner.json("explain", "--show-marks")["marks"]
    assert [mark["exercise"] for mark in marks] == list(EXPLAINED)


def verdicts(learner: Learner, *ids: str, code: int = 0) -> dict[str, str]:
    document = learner.json("verify", *ids, code=code)
    return {exercise["id"]: exercise["verdict"] for exercise in document["exercises"]}


def add_column(learner: Learner, name: str) -> None:
    """Migrate by hand."""
    with closing(sqlite3.connect(learner.workspace / "todos.db")) as database:
        database.execute(f"ALTER TABLE todos ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0")
        database.commit()


def explain(learner: Learner, id: str) -> None:
    """Answer everything by options, again and again with other ones where it was not right."""
    listed = learner.json("explain", id)
    left = {
        question["id"]: [option["key"] for option in question["options"]]
        for question in listed["questions"]
    }
    while left:
        given = [f"--answer={question}={keys.pop(0)}" for question, keys in left.items()]
        document = learner.json("explain", id, *given, code=1)
        for answer in document["answers"]:
            if answer["right"]:
                del left[answer["question"]]
    document = learner.json("explain", id, "--own-words", WORDS, "--marks", "1,1,1")
    assert document["verdict"] == "passed"


@pytest.mark.long
def test_a_script_gets_one_document_from_each_command(learner: Learner) -> None:
    learner.run("init")
    documents: list[Any] = [
        learner.json("list", "--all"),
        learner.json("verify", "alter-1", code=1),
        learner.json("explain", "explain-4", "--own-words", WORDS, code=1),
    ]
    assert all(document["schema"] == 1 for document in documents)
    assert documents[1]["drift"]["title"]["table"] == "yes"
    assert json.loads(learner.run("verify", "nothing", "--json", code=2))["remedy"]
