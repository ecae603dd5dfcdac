"""Ctrl+C, whatever the lab is in the middle of."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 0.1  # seconds from one press to the next, for whoever has let the first one fall


@contextmanager
def heard() -> Iterator[None]:
    """Raise KeyboardInterrupt for a Ctrl+C, also where that comes at a bad moment.

    An error in the clean-up that it has begun is the Ctrl+C that it was. Python lets no exception
    out of a destructor or out of the callback of a weak reference, as each import has one, and
    modules written in C may take it for a failed import (xml.etree does): there it comes again.
    """
    ctrl_c = _CtrlC()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else nobody listens
        signal.signal(signal.SIGINT, ctrl_c.pressed)
    before = sys.unraisablehook
    sys.unraisablehook = lambda unraised: None if ctrl_c.comes_again(unraised) else before(unraised)
    try:
        yield
    except Exception:
        if ctrl_c.was_pressed:
            raise KeyboardInterrupt from None
        raise
    finally:
        ctrl_c.is_over = True
        sys.unraisablehook = before


class _CtrlC:
    """Presses Ctrl+C again until the clean-up has begun, and does not disturb that."""

    def __init__(self) -> None:
        self.was_pressed = False
        self.is_over = False
        self._pressing = False  # this press is one of ours

    def pressed(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal."""
        ours, self._pressing = self._pressing, False
        if ours and _on_its_way(sys.exception()):
            return
        if not self.was_pressed:
            self.was_pressed = True
            # Not threading.Thread: its lock may be held by what this has come in the middle of.
            _thread.start_new_thread(self._press, ())
        raise KeyboardInterrupt

    def comes_again(self, unraised: sys.UnraisableHookArgs) -> bool:
        """Whether nothing is lost with this error, which nobody gets to see."""
        return self.was_pressed and unraised.exc_type is KeyboardInterrupt

    def _press(self) -> None:
        while True:
            time.sleep(AGAIN)
            if self.is_over:
                return
            self._pressing = True
            if sys.platform == "win32":
                signal.raise_signal(signal.SIGINT)
            else:  # to the thread that waits for something, so that it does so no longer
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _on_its_way(error: BaseException | None) -> bool:
    """Whether a Ctrl+C is what is cleaned up after, perhaps with another error on top."""
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
