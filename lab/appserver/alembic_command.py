"""Alembic on a copy of the learner's folder, as a process of its own."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lab.appserver import environment
from lab.appserver.bounds import LOG_BYTES
from lab.appserver.failures import outside, tail
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


def alembic(folder: Path, arguments: Sequence[str], seconds: float = SECONDS) -> Ran:
    """Run `alembic` with these arguments in the folder and return what it came to.

    Raises AppFailed where it opens a database outside of the folder, or does not end in time.
    """
    command = f"alembic {' '.join(arguments)}"
    token = secrets.token_hex(8)
    with socket.create_server(("127.0.0.1", 0)) as listening, tempfile.TemporaryFile() as output:
        host, port = listening.getsockname()
        spec = {
            "folder": str(folder),
            "channel": [host, port],
            "token": token,
            "arguments": [*arguments],
        }
        process = _launch(folder, json.dumps(spec), output)
        events: Events | None = None
        try:
            events = accept(listening, token, seconds, lambda: process.poll() is not None)
            code = process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise AppFailed(
                f"`{command}` does not end.",
                "Look for a loop or a call that waits, in env.py or in a migration.",
                log=tail(_read(output, folder)),
            ) from error
        finally:
            _end(process)
            if events:
                events.wait_closed(1.0)
                events.close()
        opened = events.all("database") if events else []
        for event in opened:
            if not event["inside"]:
                raise outside(event)
        paths = dict.fromkeys(folder / event["path"] for event in opened)
        return Ran(command, code, _read(output, folder), tuple(paths))


def _launch(folder: Path, spec: str, output: IO[bytes]) -> subprocess.Popen[bytes]:
    # -P: the folder that the lab was called from is not on the search path.
    return subprocess.Popen(
        [sys.executable, "-P", "-B", "-m", "lab.child.migrations", spec],
        cwd=folder,
        env=environment.for_python(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()


def _read(output: IO[bytes], folder: Path) -> str:
    output.seek(max(0, output.seek(0, os.SEEK_END) - LOG_BYTES))
    text = output.read(LOG_BYTES).decode(errors="replace")
    for prefix in {str(folder), str(folder.resolve())}:
        text = text.replace(f"{prefix}/", "")
    return text
