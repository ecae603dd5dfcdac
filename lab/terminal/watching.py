"""`lab watch` on a workspace: which exercise is judged, and what its keys do."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from lab.appserver.launchers import Launcher
from lab.course import catalogue, progress
from lab.course.progress import Track
from lab.model import LabError, NotPossible, Progress, Verdict
from lab.scenario.explanation import Explanation
from lab.terminal import course, errors, history, verdict, watch
from lab.terminal.after import offers_hint
from lab.terminal.console import print_json
from lab.terminal.watch import Action
from lab.verify.verdicts import Report, verify
from lab.workspace.workspace import Workspace


def run(console: Console, workspace: Workspace, launcher: Launcher, asked: str | None) -> None:
    """Watch the workspace until the key `q`, from the asked exercise on.

    Raises NotPossible for an exercise that is about words.
    """
    current = _Current(workspace, launcher, asked)
    actions = {
        "h": Action("hint", current.hint),
        "n": Action("next", lambda console: current.go(console, 1)),
        "p": Action("back", lambda console: current.go(console, -1)),
        "l": Action("list", current.list),
        "d": Action("diff", current.diff),
        "u": Action("undo", current.undo),
    }

    watch.run(console, workspace.folder, current.judge, lambda: current.id, actions, current.after)


def follow(workspace: Workspace, launcher: Launcher, asked: str | None, named: Path) -> None:
    """Watch the workspace and print a document of --json a line.

    `named` is the workspace in the documents. Raises as run() does.
    """

    def tell(found: Report | LabError) -> None:
        document = (
            errors.as_document(found)
            if isinstance(found, LabError)
            else verdict.as_json(found, named)
        )
        print_json(document, in_one_line=True)

    watch.follow(workspace.folder, _Current(workspace, launcher, asked).judge, tell)


class _Current:
    """The exercise that is judged now. Each key does one thing; True asks for a new verdict."""

    def __init__(self, workspace: Workspace, launcher: Launcher, asked: str | None) -> None:
        self._workspace = workspace
        self._launcher = launcher
        standing = progress.standing(workspace, everything=True)
        # The course first, then what lies beyond it. Words and database servers are for others.
        self._all = [
            place.id
            for place in sorted(standing.places, key=lambda place: place.track is not Track.COURSE)
            if not place.servers and not isinstance(catalogue.exercise(place.id), Explanation)
        ]
        if asked and asked not in self._all:
            raise NotPossible(
                f"{asked} is about words: there is nothing to watch.", f"`lab explain {asked}`."
            )
        self.id = asked or self._next_open()

    def _next_open(self) -> str:
        open = (
            place.id
            for place in progress.standing(self._workspace).places
            if place.id in self._all and place.state not in progress.DONE
        )
        return next(open, self._all[0])

    def judge(self, progress: Progress) -> Report:
        """Judge it as it is now, under the workspace's lock."""
        with self._workspace.locked("lab watch") as held:
            return verify(held, [self.id], [self.id], self._launcher, progress)

    def after(self, console: Console, report: Report) -> None:
        """Say what helps on after a verdict."""
        result = report.exercises[0]
        if offers_hint(self._workspace, self.id, result.verdict):
            console.print("It has failed a few times in a row. Press `h` for a hint.")
        elif result.verdict is Verdict.PASSED:
            console.print("Press `n` for the next exercise.")

    def hint(self, console: Console) -> bool:
        with self._workspace.locked("lab watch") as held:
            course.show_hint(console, progress.next_hint(held, self.id), again="`h`")
        return False

    def go(self, console: Console, steps: int) -> bool:
        self.id = self._all[(self._all.index(self.id) + steps) % len(self._all)]
        course.show_task(console, progress.exercise(self._workspace, self.id))
        return True

    def list(self, console: Console) -> bool:
        course.show_list(console, progress.standing(self._workspace))
        return False

    def diff(self, console: Console) -> bool:
        history.show_diff(console, self._workspace.diff())
        return False

    def undo(self, console: Console) -> bool:
        with self._workspace.locked("lab watch", changes=True) as held:
            history.show_change(console, held.undo(), "Undone")
        return True
