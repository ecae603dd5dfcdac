"""The part of a server's log that is about the learner's code: their lines, and the error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lab.appserver.failures import tail

FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)')
TRACEBACK = "Traceback (most recent call last):"
# What uvicorn says of each request, and SQLAlchemy of each error: it tells nothing new here.
NOISE = re.compile(
    r"INFO:|ERROR:\s+(Exception in ASGI application|Application startup failed)"
    r"|\(Background on this error at"
)
GROUP = re.compile(r"^\s*[|+] ?")  # the margin of an exception group
SPOKEN = 5  # lines that the app printed itself


def words(log: str, folder: Path) -> str:
    """Return what of a log is shown: of one with a traceback own_words(), else its last lines."""
    return own_words(log, folder) or tail(log)


def own_words(log: str, folder: Path | None) -> str | None:
    """Of a log with a traceback: what the app printed, its own frames, the error's own lines.

    None where the log has no traceback. `folder` is where the app's files are; where nobody knows,
    no frame counts as its own.
    """
    before, found, last = log.rpartition(TRACEBACK)
    if not found:
        return None
    spoken = before.partition(TRACEBACK)[0].splitlines()
    printed = [line for line in spoken if line.strip() and not NOISE.match(line)]
    frames = _frames(last, folder) if folder else ()
    return "\n".join([*printed[-SPOKEN:], *frames, *_error(last)])


def never_awaited(log: str) -> list[str]:
    """Return what Python has said of each await that was forgotten: it names the line."""
    return list(dict.fromkeys(line for line in log.splitlines() if "was never awaited" in line))


def _frames(traceback: str, folder: Path) -> Iterator[str]:
    """Yield the frames that are in the app's own files, as one line each."""
    lines = traceback.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        frame = FRAME.search(line)
        if frame and _is_own(folder, frame["file"]):
            text = "" if FRAME.search(following) else GROUP.sub("", following).strip()
            yield f"{frame['file']}:{frame['line']} in {frame['function']}: {text}".rstrip(": ")


def _is_own(folder: Path, file: str) -> bool:
    # The log names files of the app relative to its folder; a compiled library, too, may name
    # its sources by a relative path, which then leads nowhere.
    theirs = not Path(file).is_absolute() and (folder / file).is_file()
    return theirs and "site-packages" not in file


def _error(traceback: str) -> Iterator[str]:
    """Yield the lines behind the last frame that are no frame: the error, and its SQL."""
    lines = [GROUP.sub("", line) for line in traceback.splitlines()]
    start = next(
        (number for number, line in enumerate(lines) if line.strip() and not line[0].isspace()), 0
    )
    for before, line in zip(["", *lines[start:]], lines[start:], strict=False):
        # FastAPI names the endpoint in its own errors as a traceback would: that is shown above.
        framed = FRAME.search(line) or FRAME.search(before)
        if line.strip() and not framed and not NOISE.match(line):
            yield line.rstrip()
