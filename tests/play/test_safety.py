"""The player: whatever ends a play, the workspace is as it was or as it is to be."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from lab.appserver.launchers import Launcher
from lab.course import catalogue
from lab.model import NotPossible
from lab.play.session import play
from lab.scenario import events as e
from lab.workspace.workspace import Workspace
from tests.support.play import Player, of, picture

KILLED = """
import os, signal, sys
from pathlib import Path
from lab.course import catalogue
from lab.scenario import events as e
from lab.appserver.launchers import choose
from lab.play.session import play
from lab.workspace.workspace import Workspace

made = Workspace.open(Path(sys.argv[1]))

def listen(event):
    if type(event).__name__ == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

play(catalogue.load().playable("break-2"), made, choose(), listen)
"""


@pytest.mark.parametrize("moment", ["Started", "FilesWritten", "DriftShown"])
def test_a_kill_in_the_middle_leaves_the_workspace_as_it_was(
    made: Workspace, run: Player, moment: str
) -> None:
    before = picture(made)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(made.folder), moment], capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert picture(made) == before
    assert of(run("break-2", made), e.Kept)


def test_a_play_that_is_given_up_changes_nothing(made: Workspace, launcher: Launcher) -> None:
    before = picture(made)

    def give_up(event: e.Event) -> None:
        if isinstance(event, e.FilesWritten):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play(catalogue.load().playable("break-2"), made, launcher, give_up)
    assert picture(made) == before


def test_what_the_learner_saves_meanwhile_is_not_overwritten(
    made: Workspace, launcher: Launcher
) -> None:
    models = made.folder / "todos_app" / "models.py"

    def save(event: e.Event) -> None:
        if isinstance(event, e.FilesWritten):
            models.write_text(models.read_text("utf-8") + "# mine\n", "utf-8")

    with pytest.raises(NotPossible):
        play(catalogue.load().playable("break-2"), made, launcher, save)
    assert models.read_text("utf-8").endswith("# mine\n")
    assert not made.journal.symptom_seen("break-2")
