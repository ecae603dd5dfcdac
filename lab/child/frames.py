"""The learner's own lines: on a stack, behind an exception."""

from __future__ import annotations

import linecache
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

LONGEST = 2000  # characters of an error's message
LOOKING_SECONDS = 0.4
BETWEEN_LOOKS = 0.005


class Frames:
    """Tells the learner's own code, which is what lies in their folder, from all other code."""

    def __init__(self, folder: Path) -> None:
        self.folder = os.path.realpath(folder) + os.sep
        self._own: dict[str, str | None] = {}  # by file name
        self._lines: dict[tuple[CodeType, int], dict[str, Any]] = {}

    def own(self, file: str) -> str | None:
        """`file` relative to the learner's folder; None where it is not theirs."""
        # Asked for every frame of every stack: to find it out each time takes milliseconds.
        if file not in self._own:
            self._own[file] = self._relative(file)
        return self._own[file]

    def _relative(self, file: str) -> str | None:
        path = os.path.realpath(file)
        # Code that is generated at run time has a made-up name such as "<string>".
        if file.startswith("<") or not path.startswith(self.folder) or not Path(path).exists():
            return None  # compiled libraries name their sources relative to where they were built
        inside = path[len(self.folder) :]
        # A virtual environment in the folder is not the learner's writing.
        return None if "site-packages" in inside else Path(inside).as_posix()

    def line(self, frame: FrameType | None) -> dict[str, Any] | None:
        """Return the innermost line of the learner's own code on the stack that ends in `frame`."""
        frame = self.innermost(frame)
        return self.at(frame.f_code, frame.f_lineno) if frame else None

    def innermost(self, frame: FrameType | None) -> FrameType | None:
        """Return the innermost frame of the learner's code on the stack that ends in `frame`."""
        known = self._own
        while frame is not None:
            file = frame.f_code.co_filename
            if known[file] if file in known else self.own(file):
                break
            frame = frame.f_back or _awaiting(frame)
        return frame

    def at(self, code: CodeType, line: int) -> dict[str, Any]:
        """Return a line of the learner's code, to be sent."""
        key = code, line
        if key not in self._lines:
            file = code.co_filename
            self._lines[key] = _line(self.own(file) or "", file, line, code.co_name)
        return self._lines[key]

    def busy(self) -> dict[str, Any] | None:
        """Return the line that a thread of this process is at, the main thread first.

        Looked for more than once: between two steps of an answer that drips there is none.
        """
        end = time.monotonic() + LOOKING_SECONDS
        while (found := self._now()) is None and time.monotonic() < end:
            time.sleep(BETWEEN_LOOKS)
        return found

    def _now(self) -> dict[str, Any] | None:
        me, main = threading.get_ident(), threading.main_thread().ident
        stacks = sys._current_frames()
        threads = sorted((i for i in stacks if i != me), key=lambda i: i != main)
        found = (self.line(stacks[thread]) for thread in threads)
        return next(filter(None, found), None)

    def crash(self, error: BaseException) -> dict[str, Any]:
        """Return what an exception says, and the innermost line of the learner's that it passed."""
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        found = None
        if isinstance(error, SyntaxError) and error.filename and self.own(error.filename):
            found = _line(
                self.own(error.filename) or "", error.filename, error.lineno or 0, "<module>"
            )
        for step in _steps(error.__traceback__):
            file = self.own(step.tb_frame.f_code.co_filename)
            if file and not isinstance(error, SyntaxError):
                code = step.tb_frame.f_code
                found = _line(file, code.co_filename, step.tb_lineno, code.co_name)
        said = _words(error).strip().splitlines()
        if isinstance(error, SyntaxError):
            said = [error.msg or "invalid syntax"]
        if isinstance(error, KeyError) and _of_environment(error):
            said = [f"{said[0]} is not set in the environment"]
        if hasattr(error, "title") and hasattr(error, "errors"):  # a ValidationError of Pydantic's
            wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
            said = [f"{said[0]}: {'; '.join(wrong)}"]
        elif len(said) > 1 and said[0].endswith(":"):
            said = [f"{said[0]} {said[1].strip()}"]  # such as the first of 3 validation errors
        return {
            "kind": type(error).__name__,
            # The stage that the lab runs is not a place that the learner knows.
            "message": said[0][:LONGEST].replace(self.folder, "") if said else "",
            "frame": found,
        }


def _words(error: BaseException) -> str:
    """Return what an exception says, also where it names an object that cannot be shown."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - it is the learner's code that shows the object
        errors = error.errors() if hasattr(error, "errors") else []
        return "; ".join(each["msg"] for each in errors)


def _of_environment(error: KeyError) -> bool:
    """Whether os.environ has raised it."""
    steps = list(_steps(error.__traceback__))
    return bool(steps) and steps[-1].tb_frame.f_code is type(os.environ).__getitem__.__code__


def _line(file: str, path: str, number: int, function: str) -> dict[str, Any]:
    text = linecache.getline(path, number).strip()
    return {"file": file, "line": number, "function": function, "text": text}


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _awaiting(frame: FrameType) -> FrameType | None:
    """Return the frame that awaits `frame` where SQLAlchemy runs it in a greenlet."""
    greenlet = sys.modules.get("greenlet")
    if greenlet is None:
        return None
    current = greenlet.getcurrent()
    if current.parent is None or getattr(current.parent, "gr_frame", None) is None:
        return None
    parent: FrameType = current.parent.gr_frame
    # The walk has left the greenlet already when it meets the parent's own frames.
    return None if _reaches(parent, frame) else parent


def _reaches(frame: FrameType | None, target: FrameType) -> bool:
    while frame is not None:
        if frame is target:
            return True
        frame = frame.f_back
    return False
