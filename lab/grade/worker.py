"""Has one submission judged, by a process of its own behind the wall, within its time.

A worker runs nothing of the submission, and reads nothing of it but what the judge says.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.grade.judge import Job, job_line
from lab.grade.outcome import Outcome, Status, from_line
from lab.grade.walls import Wall, environment

OUTCOME_BYTES = 16_000_000  # of what a judge says
TRIES = 3  # a judge that dies is asked again, twice
END_SECONDS = 5.0
PROCESSES = 400  # and threads: four servers have some 45 each


@dataclass(frozen=True)
class Order:
    """One submission to be judged. It travels to another process or machine."""

    job: Job
    source: str  # where it lies on this machine; "" for the lab's own solutions
    wall: Wall
    seconds: float  # that it may take


class Running:
    """The judges of this process that run, so that an interrupt can end them. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def add(self, process: subprocess.Popen[bytes]) -> None:
        """Know of a judge; it is ended at once where all were."""
        with self._lock:
            self._processes.add(process)
            if self._ended:
                _kill(process)

    def discard(self, process: subprocess.Popen[bytes]) -> None:
        """Forget a judge that has ended."""
        with self._lock:
            self._processes.discard(process)

    def end(self) -> None:
        """End all of them, and those to come."""
        with self._lock:
            self._ended = True
            for process in self._processes:
                _kill(process)


def judged(order: Order, running: Running | None = None) -> Outcome:
    """Have a submission judged and return what came of it, whatever that is."""
    began = time.monotonic()
    outcome = _judged(order, running or Running())
    return replace(outcome, wall=order.wall.name, seconds=round(time.monotonic() - began, 3))


def _judged(order: Order, running: Running) -> Outcome:
    said = ""
    for _ in range(TRIES):
        with TemporaryDirectory(prefix="lab-judge-") as temporary:
            line, ended = _asked(order, Path(temporary), running)
        with suppress(ValueError):
            return from_line(line)
        if ended is None:
            return _stopped(order, f"It was not done within {order.seconds:.0f} s.")
        said = f"signal {-ended}" if ended < 0 else f"exit code {ended}"
    if order.wall.landlock or not order.source:  # no submission can have done it
        return _plain(order, Status.ERROR, f"What judges has ended {TRIES} times ({said}).")
    return _stopped(order, f"It has ended the process that judges it ({said}).")


def _plain(order: Order, status: Status, says: str) -> Outcome:
    job = order.job
    return Outcome(job.submission, job.digest, status, says, job.app)


def _stopped(order: Order, says: str) -> Outcome:
    return _plain(order, Status.STOPPED, says)


def _asked(order: Order, temporary: Path, running: Running) -> tuple[bytes, int | None]:
    """Return what a judge has said, and how it ended: None where it took too long."""
    source = Path(order.source) if order.source else None
    place = order.wall.place(source) if source else ""
    # -P: the folder that the lab was called from is not on its search path.
    inside = [sys.executable, "-P", "-B", "-m", "lab.grade.judge"]
    # Elsewhere than behind bubblewrap, the limit would count all that the same user has.
    processes = PROCESSES if order.wall.bubblewrap else 0
    job = replace(order.job, source=place, confined=order.wall.landlock, processes=processes)
    process = subprocess.Popen(
        order.wall.command(source, inside),
        env=environment() | {"TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    running.add(process)
    try:
        assert process.stdin and process.stdout
        with suppress(BrokenPipeError):
            process.stdin.write(job_line(job))
            process.stdin.flush()
        said = _read(process.stdout.fileno(), time.monotonic() + order.seconds)
        if said is None:
            return b"", None
        with suppress(subprocess.TimeoutExpired):
            return said, process.wait(END_SECONDS)
        return said, None
    finally:
        running.discard(process)
        _end(process)


def _read(handle: int, deadline: float) -> bytes | None:
    """Return all that is written there, up to a bound; None where it does not end in time."""
    said = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(handle, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(left):
                continue
            data = os.read(handle, 1 << 16)
            said += data
            if not data or len(said) > OUTCOME_BYTES:
                return bytes(said)
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the judge with all that it has started."""
    for stream in (process.stdin, process.stdout):
        if stream:
            with suppress(OSError):
                stream.close()  # its end tells the judge to end its servers and itself
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(process)
        process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
