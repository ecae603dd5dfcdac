"""A process that has imported an app and does not serve it, seen from the lab."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from lab.appserver.launchers import ForkLauncher, ParentLost, Process
from lab.appserver.spec import Spec
from lab.model import AppFailed


class Master(ForkLauncher):
    """Starts the processes of one app as forks of one that has imported it.

    What the app has made while it was imported, all of them have: a connection, too.
    """

    def __init__(self, spec: Spec) -> None:
        command = [sys.executable, "-P", "-B", "-m", "lab.child.master", json.dumps(spec.shown())]
        with Path(spec.log).open("ab") as output:
            begun = subprocess.Popen(
                command,
                cwd=spec.folder,
                env=spec.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
        super().__init__(begun)

    def launch(self, spec: Spec) -> Process:
        """Fork one process. Raises AppFailed where the one that is forked has ended."""
        try:
            return super().launch(spec)
        except ParentLost as lost:
            raise AppFailed(
                "The process that has imported the app has ended before it could be forked.",
                "What does your code do while it is imported, and how long does that take?",
            ) from lost

    def _shadowed(self, spec: Spec) -> bool:
        self._wait_until_ready()
        return False
