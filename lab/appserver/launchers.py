"""Two ways to start the same server process, behind one interface."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

from lab.appserver import forker
from lab.appserver.spec import Spec
from lab.model import LabError, UsageError

HAS_KEEPER = sys.platform == "linux"  # a process that stays with the server until its end
KEEPER_SECONDS = 5.0  # that a server's keeper may take to end it: a few milliseconds do


class Process(Protocol):
    """A server process that was launched."""

    pid: int

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process; nothing where it has ended."""

    def wait(self, seconds: float) -> int | None:
        """Return the exit code, negative for a signal; None where it still runs after `seconds`."""

    def destroy(self) -> None:
        """End the process and all that it started, at once. Safe to call again."""


class Launcher(Protocol):
    """Starts server processes, all of which end when the lab does."""

    def launch(self, spec: Spec) -> Process:
        """Start one server process."""

    def close(self) -> None:
        """Give back what the launcher holds."""


class SubprocessLauncher:
    """`python -m`, as a person would start it: about 450 ms to the first answer."""

    def launch(self, spec: Spec) -> Process:
        """Start one server process."""
        # -P: the folder that the lab was called from is not on the server's search path.
        command = [sys.executable, "-P", "-B", "-m", "lab.child.start", json.dumps(spec.shown())]
        # The end of this input tells the keeper to end the process and all that it started.
        source = subprocess.PIPE if HAS_KEEPER else subprocess.DEVNULL
        with Path(spec.log).open("ab") as output:
            popen = subprocess.Popen(
                command,
                cwd=spec.folder,
                env=spec.environment(),
                stdin=source,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return _Spawned(popen)

    def close(self) -> None:
        """Nothing is held."""


class _Spawned:
    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self._popen = popen
        self.pid = popen.pid

    def send(self, number: signal.Signals) -> None:
        self._popen.send_signal(number)

    def wait(self, seconds: float) -> int | None:
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def destroy(self) -> None:
        if self._popen.stdin:
            self._popen.stdin.close()
            if self.wait(KEEPER_SECONDS) is not None:
                return
        _kill_group(self.pid)
        self._popen.kill()
        self._popen.wait()


def _kill_group(pid: int) -> None:
    if not hasattr(os, "killpg"):
        return
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Nothing is left of it; macOS says PermissionError of a group of zombies.
        return


class ForkLauncher:
    """A fork of a process that has the frameworks imported: about 50 ms to the first answer.

    One parent process serves a whole command. It is told by a line of JSON on its standard input
    and answers on its standard output; when the input ends, it ends, and its servers with it.
    """

    def __init__(self, begun: subprocess.Popen[bytes] | None = None) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition()
        self._pids: dict[str, int] = {}
        self._codes: dict[int, int] = {}
        self._preloaded: frozenset[str] = frozenset()
        self._ended = False
        self._used = False
        self._parent = begun or forker.begin()
        assert self._parent.stdin and self._parent.stdout
        self._orders: IO[bytes] = self._parent.stdin
        self._reader = threading.Thread(
            target=self._read, args=(self._parent.stdout,), name="lab-forker", daemon=True
        )
        self._reader.start()

    def _read(self, reports: IO[bytes]) -> None:
        for line in reports:
            if not line.startswith(b"{"):  # what a sitecustomize prints, say, as Python starts
                continue
            report = json.loads(line)
            with self._changed:
                if "preloaded" in report:
                    self._preloaded = frozenset(report["preloaded"])
                elif "token" in report:
                    self._pids[report["token"]] = report["pid"]
                    self._codes.pop(report["pid"], None)  # an earlier process of this number
                else:
                    self._codes[report["pid"]] = report["code"]
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def order(self, order: dict[str, object]) -> None:
        """Write one order to the parent process."""
        with self._lock:
            try:
                self._orders.write(json.dumps(order).encode() + b"\n")
                self._orders.flush()
            except (BrokenPipeError, ValueError) as error:
                raise _lost() from error

    def launch(self, spec: Spec) -> Process:
        """Start one server process."""
        if not spec.is_fork or self._shadowed(spec):
            return SubprocessLauncher().launch(spec)
        self._used = True
        self.order({"start": spec.shown(), "environment": spec.environment()})
        with self._changed:
            self._changed.wait_for(lambda: spec.token in self._pids or self._ended, timeout=30)
            if spec.token not in self._pids:
                raise _lost()
            return _Forked(self, self._pids.pop(spec.token))

    def _shadowed(self, spec: Spec) -> bool:
        """Whether the learner's files hide a module that the parent has imported already.

        A `fastapi.py` of their own breaks a fresh process; it must break here as well.
        """
        self._wait_until_ready()
        with self._changed:
            hidden = self._preloaded | {name.partition(".")[0] for name in spec.preload}
            return any(path.stem in hidden for path in Path(spec.folder).iterdir())

    def _wait_until_ready(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._preloaded or self._ended, timeout=30)

    def code(self, pid: int, seconds: float) -> int | None:
        """Return the exit code of a process, negative for a signal; None while it runs."""
        with self._changed:
            self._changed.wait_for(lambda: pid in self._codes or self._ended, timeout=seconds)
            if pid not in self._codes and self._ended:
                raise _lost()
            return self._codes.get(pid)

    @property
    def ended(self) -> bool:
        """Whether the parent process has ended, by whatever."""
        with self._changed:
            return self._ended

    def close(self) -> None:
        """End the parent process and every server that it still has."""
        if not self._used:
            self._parent.kill()  # it may still be importing, and has no server to end
        with self._lock, suppress(BrokenPipeError):  # it has gone before us
            self._orders.close()
        self._parent.wait()
        self._reader.join()
        if self._parent.stdout:
            self._parent.stdout.close()


class _Forked:
    def __init__(self, launcher: ForkLauncher, pid: int) -> None:
        self._launcher = launcher
        self.pid = pid

    def send(self, number: signal.Signals) -> None:
        self._launcher.order({"signal": int(number), "pid": self.pid})

    def wait(self, seconds: float) -> int | None:
        return self._launcher.code(self.pid, seconds)

    def destroy(self) -> None:
        # Where the parent has gone, its servers have lost their line to it, and end themselves.
        with suppress(ParentLost):
            self._launcher.order({"destroy": self.pid})
            self._launcher.code(self.pid, 10)


class ParentLost(LabError):
    """The process that servers are forked from has ended."""


def _lost() -> ParentLost:
    return ParentLost(
        "The process that starts the servers is gone.",
        "Run the command again, or set LAB_LAUNCHER=subprocess.",
    )


def choose(name: str | None = None) -> Launcher:
    """Return the launcher by `name`, else by LAB_LAUNCHER, else `fork` where the machine has fork.

    Raises UsageError for a name that does not exist or cannot be here.
    """
    if forker.is_wanted(name):
        return ForkLauncher()
    asked = name or os.environ.get("LAB_LAUNCHER", "")
    if asked in ("subprocess", ""):
        return SubprocessLauncher()
    raise UsageError(
        f"There is no launcher {asked!r} on this machine.",
        "Set LAB_LAUNCHER to fork or subprocess, or leave it unset.",
    )
