"""Alembic in a folder with the learner's app, as a process of its own."""

from __future__ import annotations

import secrets
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.appserver.failures import outside, tail
from lab.appserver.launchers import Launcher, Spec
from lab.appserver.log import Log
from lab.appserver.probe_events import Events, accept
from lab.model import AppFailed

SECONDS = 15.0  # what Alembic does here takes less than one


@dataclass(frozen=True)
class Ran:
    """One Alembic command, and what it came to."""

    command: str  # as a person types it
    code: int
    output: str  # paths relative to the folder
    databases: tuple[Path, ...]  # the SQLite files that it opened

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked for."""
        return self.code == 0

    @property
    def said(self) -> str:
        """The line of its output that says what went wrong, or its last one."""
        lines = [line for line in self.output.splitlines() if line.strip()]
        named = [line for line in lines if line.startswith("FAILED") or "Error" in line]
        errors = [line for line in named if not line.startswith((" ", "Traceback"))]
        return (errors or lines or ["it said nothing"])[-1].strip()


def alembic(
    launcher: Launcher, folder: Path, arguments: Sequence[str], seconds: float = SECONDS
) -> Ran:
    """Run `alembic` with these arguments in the folder and return what it came to.

    Raises AppFailed where it opens a database outside of the folder, or does not end in time.
    """
    command = ("alembic", *arguments)
    typed = " ".join(command)
    with socket.create_server(("127.0.0.1", 0)) as listening, _log(folder) as log:
        token = secrets.token_hex(8)
        channel = listening.getsockname()
        spec = Spec(str(folder), None, channel, token, str(log.path), command=command)
        process = launcher.launch(spec)
        events: Events | None = None
        try:
            events = accept(listening, token, seconds, lambda: process.wait(0) is not None)
            code = process.wait(seconds)
        finally:
            process.destroy()
            if events:
                events.wait_closed(1.0)
                events.close()
        if code is None:
            raise AppFailed(
                f"`{typed}` does not end.",
                "Look for a loop or a call that waits, in env.py or in a migration.",
                log=tail(log.text()),
            )
        opened = events.all("database") if events else []
        for event in opened:
            if not event["inside"]:
                raise outside(event)
        paths = dict.fromkeys(folder / event["path"] for event in opened)
        return Ran(typed, code, log.text(), tuple(paths))


@contextmanager
def _log(folder: Path) -> Iterator[Log]:
    """Yield a log that is beside no folder: this one may be the learner's."""
    with tempfile.TemporaryDirectory(prefix="lab-alembic-") as temporary:
        yield Log(folder, path=Path(temporary) / "log")
