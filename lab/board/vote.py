"""A vote: what a room predicts, from its phones."""

from __future__ import annotations

import io
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from lab.board.ring import PageEvent, Ring
from lab.board.site import Action, Refused, Site
from lab.model import UsageError
from lab.scenario import Prediction

DEVICES = 2000  # that may vote
DEVICE = range(16, 65)  # characters of what a device calls itself
ELSEWHERE = ("192.0.2.1", 9)  # an address of nobody: nothing is sent there
TOKEN_BYTES = 9  # short enough to be typed from the wall


class Vote:
    """Asks the phones of a local network one question after the other, while the block runs.

    `tell` is called with how often each choice was made, whenever that changes.
    """

    def __init__(self, tell: Callable[[PageEvent], None], host: str | None = None) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._asked: Prediction | None = None
        self._votes: dict[str, int] = {}
        self._ring = Ring()
        actions: dict[str, Action] = {"vote": self._vote}
        self.site = Site(
            "vote.html",
            self._ring,
            actions,
            host=host or own_address(),
            token=secrets.token_urlsafe(TOKEN_BYTES),
        )

    def ask(self, prediction: Prediction) -> None:
        """Let everybody vote, and change their mind."""
        with self._lock:
            self._asked = prediction
            self._votes.clear()
        asked = {"question": prediction.question, "choices": list(prediction.texts)}
        self._ring.tell({"kind": "asked", **asked})
        self._tell(self._counts(prediction))

    def close(self) -> int | None:
        """End the vote; return what most chose, None where nobody did."""
        with self._lock:
            asked, self._asked = self._asked, None
            counts = self._counts(asked)["counts"] if asked else []
        self._ring.tell({"kind": "closed"})
        return counts.index(max(counts)) if any(counts) else None

    def answer(self, happened: int | None) -> None:
        """Tell the phones what was measured."""
        self._ring.tell({"kind": "answer", "happened": happened})

    def _vote(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        device, choice = given.get("device"), given.get("choice")
        if not isinstance(device, str) or len(device) not in DEVICE:
            raise Refused("Whose vote is this?")
        with self._lock:
            asked = self._asked
            if asked is None:
                raise Refused("The vote is closed.")
            if not isinstance(choice, int) or not 0 <= choice < len(asked.texts):
                raise Refused("That is none of the choices.")
            if device not in self._votes and len(self._votes) >= DEVICES:
                raise Refused("So many have voted already.")
            self._votes[device] = choice
            counts = self._counts(asked)
        self._tell(counts)
        return {"choice": choice}

    def _counts(self, asked: Prediction) -> PageEvent:
        votes = list(self._votes.values())
        return {"kind": "votes", "counts": [votes.count(n) for n in range(len(asked.texts))]}


def own_address() -> str:
    """Return this machine's address in the local network. Raises UsageError where it is in none."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(ELSEWHERE)  # asks which way it would go, and sends nothing
            return str(probe.getsockname()[0])
        except OSError as error:
            raise UsageError(
                "This machine is in no network, so no phone can reach it.",
                "Join one, or leave out --share: the room can raise its hands.",
            ) from error


def picture(url: str) -> bytes:
    """Return the QR code of an address, as an SVG."""
    import segno

    drawn = io.BytesIO()
    segno.make(url, micro=False).save(drawn, kind="svg", scale=8, border=3, light="#fff")
    return drawn.getvalue()
