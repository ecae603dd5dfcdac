"""The body of an answer, read in bounds of time and size; and why none came."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator

import httpx

from lab.appserver.bounds import ANSWER_BYTES, MEGABYTE
from lab.model import Frame

AUTOMATIC = 32  # zlib tells gzip from deflate by itself
LOOK_AT_ENCODING = "Look at what that endpoint says in its Content-Encoding."


class Unanswered(Exception):
    """No whole answer came: the reason, in words, and where to look."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


class Late(Unanswered):
    """No whole answer came in time.

    `busy` is the line of the app that was writing one, and would stop once the connection ends.
    """

    def __init__(self, reason: str, busy: Frame | None = None) -> None:
        super().__init__(
            reason,
            "Look for a loop that never ends, or for a call that waits, in that endpoint.",
        )
        self.busy = busy


def read_whole(
    response: httpx.Response, until: float, seconds: float, where: Callable[[], Frame | None]
) -> bytearray:
    """Return the body. Raises Late where it, or one more redirect, has not come by `until`."""
    late = f"an answer that did not end within {seconds:.0f} s"
    received = bytearray()
    try:
        for part in _unpacked(response):
            received += part
            if len(received) > ANSWER_BYTES:
                most = ANSWER_BYTES // MEGABYTE
                raise Unanswered(
                    f"an answer of more than {most} MB", "Look for what makes that answer so long."
                )
            if time.monotonic() > until:
                raise Late(late, where())
    except httpx.ReadTimeout as error:
        raise Late(late, where()) from error
    if response.next_request and time.monotonic() > until:
        raise Late(late)
    return received


def _unpacked(response: httpx.Response) -> Iterator[bytes]:
    """Yield the parts of the body as they come, none much longer than a whole answer may be.

    Of a stream of events, which never ends, nothing: who opens one also closes it.
    """
    if response.headers.get("Content-Type", "").startswith("text/event-stream"):
        return
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        yield from response.iter_raw()
    elif encoding in ("gzip", "deflate"):
        unpack = zlib.decompressobj(zlib.MAX_WBITS | AUTOMATIC)
        for part in response.iter_raw():
            yield unpack.decompress(part, ANSWER_BYTES + 1)
    else:
        raise Unanswered(
            f"an answer in an encoding that nobody asked for, {encoding}", LOOK_AT_ENCODING
        )
