"""What `lab watch` shows on a screen of so many rows."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from lab.appserver.launchers import Launcher
from lab.model import CheckResult, Evidence, ExerciseResult, Verdict
from lab.terminal.watch import Current, Screen
from lab.verify.verdicts import Report
from lab.watch.judging import Judged
from tests.support.workspaces import make_workspace

COMMAND = "curl -i -H 'Content-Type: application/json' -d '{}' " + "x" * 200
LONG = Evidence(curl=COMMAND, log="a line of the log\n" * 30)
FAILED = CheckResult(
    "one", "One holds", Verdict.FAILED, "a todo", "none", "Think of one.", evidence=LONG
)


@pytest.mark.parametrize(("height", "ends"), [(24, "all of it"), (80, "Judged in 1.0 s.")])
def test_of_a_long_verdict_a_screen_has_the_top(
    tmp_path: Path, launcher: Launcher, height: int, ends: str
) -> None:
    drawn = StringIO()
    console = Console(file=drawn, width=80, height=height, force_terminal=True, color_system=None)
    screen = Screen(console, Current(make_workspace(tmp_path / "w"), launcher, "alter-2"))
    screen.show(Judged(Report(None, (ExerciseResult("alter-2", Verdict.FAILED, (FAILED,)),), 1.0)))
    said = drawn.getvalue()
    rows = said.splitlines()
    assert sum(-(-max(1, len(row)) // 80) for row in rows) < height
    assert "Think of one." in said and ends in said and "Waiting for a save" in said
    assert COMMAND in said, "what is there to be pasted is one line"
