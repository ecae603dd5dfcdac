"""What Tab offers in the shell."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.support.terminal import LAB


def completed(typed: str) -> list[str]:
    """What Tab offers in bash behind what was typed."""
    environment = {
        **os.environ,
        "_LAB_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split(" ")) - 1),
    }
    done = subprocess.run([LAB], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("command", ["show", "run", "watch", "diff"])
def test_ids_are_completed(command: str) -> None:
    assert completed(f"lab {command} expl") == [f"explain-{number}" for number in (1, 2, 3, 4)]


def test_several_ids_are_completed_and_the_shell_gets_its_script() -> None:
    assert completed("lab verify alter-1 persi") == ["persist"]
    assert "explain" in completed("lab ex")
    done = subprocess.run(
        [LAB, "--show-completion", "bash"], capture_output=True, text=True, check=True
    )
    assert "complete_bash" in done.stdout
