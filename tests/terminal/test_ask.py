"""Questions on a terminal: their keys are told, and Ctrl+C at one of them changes nothing."""

from __future__ import annotations

from pathlib import Path

import pexpect
import pytest

from lab.workspace import creation
from tests.support.terminal import Learner, plain, words


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    creation.create(tmp_path / "my-todos")
    return Learner(tmp_path)


def test_an_agreement_says_its_keys_and_no_is_the_default(learner: Learner) -> None:
    shown = learner.lab("lab run alter-1", ("[y/N]", "perhaps"), ("[y/N]", ""))
    assert "Type y for yes" in words(shown)
    assert "Nothing was changed" in words(shown)


def test_a_prediction_says_what_can_be_typed(learner: Learner) -> None:
    terminal = learner.types("lab run break-2")
    terminal.expect_exact("Your prediction (1 to 3, or Enter for none): ")
    terminal.sendline("maybe")
    terminal.expect_exact("Type a number from 1 to 3, or only Enter.")
    terminal.expect_exact("Your prediction")
    terminal.close(force=True)


@pytest.mark.parametrize(
    ("command", "asks", "said"),
    [
        ("lab run break-2", "Your prediction", "Nothing was changed."),
        ("lab run alter-1", "[y/N]", "Nothing was changed."),
        ("lab explain explain-1", "Your answer", "What you answered before this is kept."),
    ],
)
def test_ctrl_c_at_a_question_says_what_it_leaves_behind(
    learner: Learner, command: str, asks: str, said: str
) -> None:
    source = learner.workspace / "todos_app" / "models.py"
    before = source.read_bytes()
    terminal = learner.types(command)
    terminal.expect_exact(asks)
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert words(plain(terminal.before)).endswith(said)
    assert terminal.exitstatus == 130
    assert source.read_bytes() == before


@pytest.mark.parametrize(("command", "asks"), [("lab explain explain-1", "Your answer (1 to")])
def test_a_question_of_the_quiz_says_what_can_be_typed(
    learner: Learner, command: str, asks: str
) -> None:
    terminal = learner.types(command)
    terminal.expect_exact(asks)
    terminal.sendline("x")
    terminal.expect(r"Type a number from 1 to \d, or q to stop\.")
    terminal.close(force=True)
