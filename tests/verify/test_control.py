"""What fails is asked of the lab's own solution, and what passes there is asked once."""

from __future__ import annotations

from dataclasses import dataclass

from lab.appserver.launchers import Launcher, Process
from lab.appserver.spec import Spec
from lab.model import Verdict
from lab.verify.checks import of_exercise
from lab.verify.control import CachedControl


@dataclass
class Counting:
    """A launcher that knows how many servers it has started."""

    launcher: Launcher
    starts: int = 0

    def launch(self, spec: Spec) -> Process:
        self.starts += 1
        return self.launcher.launch(spec)

    def close(self) -> None:
        """Whoever made the launcher closes it."""


def test_what_the_labs_own_solution_has_passed_is_asked_once(launcher: Launcher) -> None:
    counting = Counting(launcher)
    control = CachedControl(counting)
    first, second, *_ = of_exercise("alter-2")
    found = control("alter-2", [first])
    starts = counting.starts
    assert found[first].verdict is Verdict.PASSED and starts
    assert control("alter-2", [first]) == found
    assert counting.starts == starts
    assert control("alter-2", [first, second])[second].verdict is Verdict.PASSED
    assert counting.starts > starts
