"""Ctrl+C, whatever the lab is in the middle of."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

AGAIN = 0.01  # seconds until the Ctrl+C is pressed once more for whoever has not passed it on


@contextmanager
def heard() -> Iterator[None]:
    """Raise KeyboardInterrupt for a Ctrl+C, also where that comes at a bad moment.

    An error in the clean-up that it has begun is the Ctrl+C that it was. And where it comes in
    the middle of a destructor, from which Python lets no exception out, it comes once more.
    """
    pressed = []

    def interrupt(number: int, frame: object) -> NoReturn:
        pressed.append(number)
        raise KeyboardInterrupt

    def unraisable(unheard: sys.UnraisableHookArgs) -> None:
        if unheard.exc_type is KeyboardInterrupt:
            again = threading.Timer(AGAIN, _press)
            again.daemon = True
            again.start()
        else:
            before(unheard)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else nobody listens
        signal.signal(signal.SIGINT, interrupt)
    before, sys.unraisablehook = sys.unraisablehook, unraisable
    try:
        yield
    except Exception:
        if pressed:
            raise KeyboardInterrupt from None
        raise
    finally:
        sys.unraisablehook = before


def _press() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:  # to the thread that waits for something, so that it does so no longer
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
