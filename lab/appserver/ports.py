"""Which port of this machine is free, and who has one that is not."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lab.model import LabError, UsageError

TRIED = 100
PRIVILEGED = 1024  # ports below are not for every user
LONGEST = 60  # characters of a command that are shown
LISTENS = "0A"  # the state in Linux's table of sockets


def next_free(port: int) -> int:
    """Return the first port that is free, from this one on.

    Raises UsageError for a port that this user may not have.
    """
    for candidate in range(port, min(port + TRIED, 65536)):
        try:
            with socket.create_server(("127.0.0.1", candidate)):
                return candidate
        except OSError as error:
            if error.errno == errno.EACCES and candidate < PRIVILEGED:
                raise UsageError(
                    f"You may not serve on port {port}.", "Choose one above 1023: --port 8000."
                ) from error
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise LabError(f"No port from {port} on is free.", "Choose another: --port 9000.")


def holder(port: int) -> str | None:
    """Name the command and process that listens on a port; None where the system does not tell."""
    sockets = set(_listening(port))
    with suppress(OSError):
        for process in Path("/proc").iterdir():
            if process.name.isdecimal() and sockets.intersection(_open_files(process)):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                return f"`{' '.join(words).strip()[:LONGEST]}` (process {process.name})"
    return None


def _listening(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text("ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                    yield f"socket:[{fields[9]}]"


def _open_files(process: Path) -> Iterator[str]:
    with suppress(OSError):  # it has ended, or is another user's
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                yield str(descriptor.readlink())
