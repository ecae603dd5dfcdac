"""How much memory, and how large a file, a server process may have."""

from __future__ import annotations

import sys
from contextlib import suppress

FILE_BYTES = 200_000_000  # more than a learner's database has, less than a disk lacks
MEMORY_BYTES = 4_000_000_000  # of addresses, of which an app uses a small part


def limit_resources() -> None:
    """Let no file and no memory grow without end: the app gets an OSError, or a MemoryError."""
    if sys.platform == "win32":
        return
    import resource

    for limit, most in ((resource.RLIMIT_FSIZE, FILE_BYTES), (resource.RLIMIT_AS, MEMORY_BYTES)):
        hard = resource.getrlimit(limit)[1]
        if hard == resource.RLIM_INFINITY or hard > most:
            with suppress(ValueError):  # macOS refuses some
                resource.setrlimit(limit, (most, hard))
