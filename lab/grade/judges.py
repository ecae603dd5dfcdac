"""Processes that judge, behind the wall: made, lent to one submission at a time, and ended.

Where every server confines itself, nothing of a submission can reach the process that judges it,
and that one stays for the next: its imports take as long as a few checks. Elsewhere each
submission has a judge of its own.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.grade.archives import hand_over
from lab.grade.judge import Job, job_line
from lab.grade.walls import Wall, environment

OUTCOME_BYTES = 16_000_000  # of what a judge says
END_SECONDS = 5.0
PROCESSES = 1_000  # and threads: four servers have some 45 each, crowds of clients 600
MOST_LENT = 50  # times, so that nothing grows with the class


class Ended(Exception):
    """A judge has ended, with this exit code, and not answered."""

    def __init__(self, code: int) -> None:
        super().__init__(f"signal {-code}" if code < 0 else f"exit code {code}")


class JudgeTimeout(Exception):
    """A judge has not answered in time."""


class JudgeProcess:
    """One process that judges, and the folder in which it finds what it is to judge."""

    def __init__(self, wall: Wall, *, own: bool) -> None:
        self.wall, self.own = wall, own
        self.lent = 0
        self._folder = TemporaryDirectory(prefix="lab-judge-")
        self._inbox = Path(self._folder.name) / "inbox"
        self._inbox.mkdir()
        place = Path(self._folder.name) / "files"
        place.mkdir()
        # -P: the folder that the lab was called from is not on its search path.
        inside = [sys.executable, "-P", "-B", "-m", "lab.grade.judge"]
        self._process = subprocess.Popen(
            wall.command(None if own else self._inbox, inside),
            env=environment() | {"TMPDIR": str(place)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def ask(self, job: Job, source: Path | None, seconds: float) -> bytes:
        """Return the line that the judge says of a submission.

        Raises Ended, JudgeTimeout; and BadArchive, Unreadable, OSError for what cannot be read.
        """
        self.lent += 1
        deadline = time.monotonic() + seconds
        handed = hand_over(source, self._inbox) if source else None
        # Elsewhere than behind bubblewrap, the limit would count all that the same user has.
        processes = PROCESSES if self.wall.bubblewrap else 0
        place = self.wall.place(handed) if handed else ""
        told = replace(job, source=place, confined=self.wall.landlock, processes=processes)
        assert self._process.stdin and self._process.stdout
        try:
            with suppress(BrokenPipeError):
                self._process.stdin.write(job_line(told))
                self._process.stdin.flush()
            return self._read(self._process.stdout.fileno(), deadline)
        finally:
            if handed:
                handed.unlink(missing_ok=True)

    def _read(self, handle: int, deadline: float) -> bytes:
        said = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                if not selector.select(left):
                    continue
                data = os.read(handle, 1 << 16)
                said += data
                if said.endswith(b"\n"):
                    return bytes(said)
                if not data or len(said) > OUTCOME_BYTES:
                    raise Ended(self._code())
        raise JudgeTimeout

    def _code(self) -> int:
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(END_SECONDS)
        return 0

    def kill(self) -> None:
        """End it at once. From any thread."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """End it with all that it has started, and remove its folder."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(OSError):
                    stream.close()  # its end tells the judge to end its servers and itself
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._folder.cleanup()


class Judges:
    """The judges of this process, lent from any thread. All end with the block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[JudgeProcess] = []
        self._busy: set[JudgeProcess] = set()
        self._closed = False

    @contextmanager
    def lent(self, wall: Wall, *, own: bool) -> Iterator[JudgeProcess]:
        """Lend a judge for one submission; `own` for the lab's own solutions."""
        judge = self._take(wall, own)
        try:
            yield judge
        except BaseException:
            self._give_up(judge)
            raise
        with self._lock:
            stays = wall.landlock and not own and judge.lent < MOST_LENT and not self._closed
            if stays:
                self._busy.discard(judge)
                self._idle.append(judge)
        if not stays:
            self._give_up(judge)

    def _take(self, wall: Wall, own: bool) -> JudgeProcess:
        with self._lock:
            found = next((j for j in self._idle if (j.wall, j.own) == (wall, own)), None)
            if found:
                self._idle.remove(found)
                self._busy.add(found)
                return found
        judge = JudgeProcess(wall, own=own)
        with self._lock:
            self._busy.add(judge)
            if self._closed:
                judge.kill()
        return judge

    def _give_up(self, judge: JudgeProcess) -> None:
        judge.end()
        with self._lock:
            self._busy.discard(judge)

    def abort(self) -> None:
        """End those that judge, and those to come: whatever waits for one fails."""
        with self._lock:
            self._closed = True
            for judge in self._busy:
                judge.kill()

    def close(self) -> None:
        """End those that wait for work."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for judge in idle:
            judge.end()
