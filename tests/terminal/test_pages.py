"""A demo on a terminal: pages that fit it, and keys that go on, predict and end."""

from __future__ import annotations

from pathlib import Path

import pexpect
import pytest

from tests.support.terminal import Learner, plain

GO_ON = r"(Space to go on, q to end|What do you expect\? A number, or space to go on) "
CLEARED = "\x1b[2J"
UP = "\x1b[1A"  # a prompt that was answered gives its two lines back


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    return Learner(tmp_path)


def test_every_page_fits_the_screen_and_a_number_predicts(learner: Learner) -> None:
    terminal = learner.types("lab demo break-1")
    shown = ""
    while terminal.expect([GO_ON, pexpect.EOF]) == 0:
        shown += terminal.before + terminal.after
        terminal.send("1" if terminal.match[1].startswith("What") else " ")
    terminal.wait()
    assert terminal.exitstatus == 0
    pages = shown.split(CLEARED)
    assert len(pages) > 3
    assert max(page.count("\n") + 1 - page.count(UP) for page in pages) <= 24
    assert "You said:" in plain(shown)


def test_a_key_typed_ahead_skips_nothing_and_q_ends(learner: Learner) -> None:
    terminal = learner.types("lab demo memory")
    terminal.send("    ")
    terminal.expect(GO_ON)
    with pytest.raises(pexpect.TIMEOUT):
        terminal.expect("from fastapi import FastAPI", timeout=1)
    terminal.send("q")
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert terminal.exitstatus == 0


def test_ctrl_c_leaves_a_new_line_for_the_shell(learner: Learner) -> None:
    terminal = learner.types("lab demo memory")
    terminal.expect(GO_ON)
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.wait()
    assert terminal.exitstatus == 130
    assert plain(terminal.before).endswith("\n")
