"""What a task leaves open is open in every check, however an API does it."""

from __future__ import annotations

from pathlib import Path

from lab.appserver.launchers import Launcher
from lab.model import Verdict
from lab.verify.runner import judge
from lab.workspace.workspace import Workspace
from tests.corpus import CORPUS

WRITERS = ("fix-2", "fix-4", "fix-5", "fix-9", "fix-11", "fix-12", "fix-13", "alter-4")


def test_titles_are_written_as_the_api_likes(launcher: Launcher, tmp_path: Path) -> None:
    app = CORPUS.build(CORPUS.find("persist", "titles_in_capitals"), tmp_path)
    _, results = judge(Workspace.bare(tmp_path, app), WRITERS, launcher)
    assert {result.id: result.verdict for result in results} == dict.fromkeys(
        WRITERS, Verdict.PASSED
    ), [check for result in results for check in result.checks if check.actual]
