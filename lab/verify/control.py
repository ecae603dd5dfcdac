"""Whether the lab's own solution passes a check here: else it is the machine, or the lab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.appserver.database_provider import DatabaseProvider, FileDatabases
from lab.appserver.launchers import Launcher
from lab.model import CheckResult, Verdict
from lab.verify.checks import Check
from lab.verify.runner import on_own_solution


class CachedControl:
    """Runs checks on the lab's own solutions, each until it has passed there once.

    For who judges the same exercise again and again, on one machine.
    """

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._passed: dict[tuple[str, Check], CheckResult] = {}

    def __call__(
        self, exercise: str, failed: Sequence[Check], databases: DatabaseProvider | None = None
    ) -> Mapping[Check, CheckResult]:
        """Return what the checks say of the lab's own solution of this exercise."""
        unknown = [check for check in failed if (exercise, check) not in self._passed]
        found: Mapping[Check, CheckResult] = {}
        if unknown:
            databases = databases or FileDatabases()
            found = on_own_solution(exercise, unknown, self._launcher, databases)
            self.remember(exercise, found)
        return {check: found.get(check) or self._passed[exercise, check] for check in failed}

    def remember(self, exercise: str, found: Mapping[Check, CheckResult]) -> None:
        """Ask no more for the checks that have passed."""
        for check, result in found.items():
            if result.verdict is Verdict.PASSED:
                self._passed[exercise, check] = result
