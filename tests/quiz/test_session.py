"""The explain exercises by options and JSON, on a terminal, and for an instructor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from random import Random
from textwrap import wrap

import pytest
from rich.console import Console

from lab.model import UsageError, Verdict
from lab.quiz import answers
from lab.quiz.script import Script, as_json, carry_out, from_json, from_options, listing
from lab.quiz.session import choose, play, put
from lab.quiz.verdicts import judged, marks
from lab.terminal.quiz import Terminal, marks_json, show_marks
from lab.workspace import creation
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace
from tests.support.quiz import (
    EXPLANATIONS,
    FIRST,
    QUESTIONS,
    WORDS,
    Learner,
    as_declared,
    checks_of,
)


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return creation.create(tmp_path / "my-todos")


# Without a terminal


def test_the_listing_gives_no_answer_away() -> None:
    for explanation in EXPLANATIONS.values():
        text = json.dumps(listing(explanation))
        for question in explanation.questions:
            assert question.why not in text
            assert all(
                option.mistaken not in text for option in question.options if option.mistaken
            )
        assert explanation.model_answer not in text
        assert not any(point in text for point in explanation.rubric)


def test_options_on_the_command_line_do_all_that_a_terminal_does(made: Workspace) -> None:
    given = [f"{question.id}={question.declared.key}" for question in FIRST.questions]
    carried = carry_out(from_options(given, WORDS, "1,0,1"), FIRST, made, as_declared)
    # What has passed is written down at once, so that the course goes on.
    assert [entry.data["verdict"] for entry in made.journal.entries(Kind.VERDICT)] == ["passed"]
    assert carried.result.verdict is Verdict.PASSED
    document = as_json(carried)
    json.dumps(document)
    assert document["model_answer"] == FIRST.model_answer
    assert [answer["right"] for answer in document["answers"]] == [True] * 4


def test_a_script_may_come_in_parts_and_a_wrong_answer_does_not_tell_the_right_one(
    made: Workspace,
) -> None:
    document = as_json(carry_out(from_options(["sent=to_all"]), FIRST, made, as_declared))
    assert document["verdict"] == "failed"
    assert document["answers"][0]["right"] is False
    assert document["answers"][0]["output"] is None
    assert "model_answer" not in document
    early = carry_out(from_options(marks="1,1,1"), FIRST, made, as_declared)
    assert checks_of(early.result)["self_marked"] == "failed"  # nothing to mark yet
    text = json.dumps({"answers": {"sent": "own_only"}, "own_words": WORDS})
    assert carry_out(from_json(text), FIRST, made, as_declared).result.checks[0].actual == "1 of 4"
    marked = carry_out(from_json('{"marks": [true, true, false]}'), FIRST, made, as_declared)
    assert checks_of(marked.result)["self_marked"] == "passed"


@pytest.mark.parametrize(
    "make",
    [
        lambda: from_options(["sent"]),
        lambda: from_options(["sent=a", "sent=b"]),
        lambda: from_options(marks="1,maybe"),
        lambda: from_json("{"),
        lambda: from_json("[]"),
        lambda: from_json('{"answer": {}}'),
        lambda: from_json('{"answers": {"sent": 1}}'),
        lambda: from_json('{"own_words": ["x"]}'),
        lambda: from_json('{"marks": 3}'),
        lambda: from_options(["sent=own_only", "nosuch=x"]),
        lambda: from_options(["mapped=class", "sent=nosuch"]),
        lambda: from_options(["mapped=class"], WORDS, "1,1"),
    ],
)
def test_a_script_that_makes_no_sense_is_a_usage_error_and_keeps_nothing(
    make: Callable[[], Script], made: Workspace
) -> None:
    before = (made.folder / "answers.md").read_bytes()
    with pytest.raises(UsageError):
        carry_out(make(), FIRST, made, as_declared)
    assert made.journal.entries(Kind.ANSWER) == ()
    assert (made.folder / "answers.md").read_bytes() == before


# For the instructor


def test_marks_show_the_score_the_words_and_each_point(made: Workspace) -> None:
    console = Console(file=StringIO(), width=80)
    show_marks(console, marks(made.journal))
    play(FIRST, made, Learner(), Random(1), as_declared)
    (found,) = marks(made.journal)
    assert (found.exercise, found.first_right, found.tries) == ("explain-1", 4, 4)
    assert found.answer == WORDS
    assert [mark for _, mark in found.points] == [True, False, True]
    show_marks(console, [found])
    out = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Nothing has been explained" in out
    assert "no   You named the pairs" in out
    assert json.loads(json.dumps(marks_json([found])))["marks"][0]["points"][1]["made"] is False


def test_a_journal_that_somebody_edited_does_not_break_the_verdict(made: Workspace) -> None:
    made.journal.append(Kind.ANSWER, "explain-1", question=["sent"], right="yes")
    made.journal.append(Kind.ANSWER, "explain-1", question="gone", right=True)
    made.journal.append(Kind.ANSWER, "explain-1", marks="1", points=None)
    made.journal.append(Kind.ANSWER, "explain-1", question="sent", right=True)
    assert judged(made, FIRST).checks[0].actual == "1 of 4"


# On a terminal


def terminal(
    made: Workspace, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> tuple[Terminal, StringIO]:
    out = StringIO()
    said = iter(lines)

    def read(prompt: str = "") -> str:
        line = next(said, None)
        if line is None:
            raise EOFError
        out.write(f"{line}\n")  # as a terminal echoes it
        return line

    monkeypatch.setattr("builtins.input", read)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    return Terminal(Console(file=out, width=80), made.folder), out


def test_a_whole_exercise_on_a_terminal_with_typed_words(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = replace(FIRST, questions=())
    talk, out = terminal(made, monkeypatch, [*wrap(WORDS, 60), "", "y", "perhaps", "n", "Y"])
    result = play(one, made, talk, Random(3), as_declared)
    assert result.verdict is Verdict.PASSED
    text = out.getvalue()
    assert "In your own words: What is an ORM" in text
    assert "You marked 2 of 3." in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_question_shows_its_code_its_options_and_what_was_printed(
    made: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = QUESTIONS["explain-1/sent"]
    asked = put("explain-1", question, Random(1), 1, 4)
    right = str(asked.options.index(question.declared) + 1)
    talk, out = terminal(made, monkeypatch, ["", "seven", "9", right])
    assert talk.ask(asked) == int(right) - 1
    choose("explain-1", question, question.declared, made, talk.show, as_declared)
    text = out.getvalue()
    assert 'todo = Todo(title="Buy milk")' in text
    assert "Right. It printed None, 1, 0." in text
    talk, out = terminal(made, monkeypatch, [])
    assert talk.ask(asked) is None  # the input has ended
    talk, out = terminal(made, monkeypatch, ["Q"])
    assert talk.own_words("?", "") is None


def test_an_editor_may_be_used_and_one_that_is_missing_is_no_traceback(
    made: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text('## explain-1\\nhi')"
    )
    talk, out = terminal(made, monkeypatch, ["", ""])
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    assert talk.own_words("?", "") == ""
    assert answers.read(made.folder, FIRST) == "hi"
    monkeypatch.setenv("VISUAL", "no-such-editor-anywhere")
    assert talk.own_words("?", "hi") == ""
    assert "cannot be opened" in out.getvalue()


def test_what_is_declared_imports_nothing_heavy() -> None:
    code = "import sys, lab.scenario.explanation; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"fastapi", "sqlalchemy", "pytest", "libcst", "rich"} & set(done.stdout.split())
