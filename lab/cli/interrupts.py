"""Ctrl+C, SIGTERM and a terminal that closes, whatever the lab is in the middle of."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 0.1  # seconds from one press to the next, for whoever has let the first one fall
NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def heard() -> Iterator[None]:
    """Raise KeyboardInterrupt for Ctrl+C and the like, also where they come at a bad moment.

    It has the signal's number. An error in the clean-up that it has begun is the interrupt that
    it was. Python lets no exception out of a destructor or out of the callback of a weak
    reference, as each import has one, and modules written in C may take it for a failed import
    (xml.etree does): there it comes again. So it does where it came right before a system call
    that waits, as for a line of a terminal: Python looks for signals only when that is over. What
    was ignored before, as by nohup, stays so.
    """
    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    before = {n: was for n in numbers if (was := signal.getsignal(n)) is not signal.SIG_IGN}
    interrupt = _Interrupt(before.keys())
    for number in before:
        signal.signal(number, interrupt.pressed)
    hook = sys.unraisablehook
    sys.unraisablehook = lambda raised: None if interrupt.comes_again(raised) else hook(raised)
    try:
        with _watched(interrupt):
            yield
    except Exception:
        if not interrupt.number:
            raise
    finally:
        interrupt.end()
        sys.unraisablehook = hook
        for number, was in before.items():
            is_ours = getattr(was, "__func__", None) is _Interrupt.pressed
            # What is left is clean-up: whoever presses twice must not leave half of it.
            signal.signal(number, was if is_ours or not interrupt.number else signal.SIG_IGN)
        # Python remembers an interrupt that ended an exec(), as dataclasses calls it at an import,
        # and ends itself by SIGINT for it, though it was caught. The next exec() clears that.
        exec("")
    if interrupt.number:  # also where somebody has made an exit code of it, as Typer does
        raise KeyboardInterrupt(interrupt.number)


@contextmanager
def _watched(interrupt: _Interrupt) -> Iterator[None]:
    """Tell a thread of each signal as it comes, whatever the main thread waits for."""
    if sys.platform == "win32":  # where nothing but a socket can be told
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    _thread.start_new_thread(interrupt.watch, (reading,))
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writing)


class _Interrupt:
    """Presses Ctrl+C again until the clean-up has begun, and does not disturb that."""

    def __init__(self, numbers: Container[int]) -> None:
        self.number = 0  # of the signal that has come
        self._numbers = numbers  # of those that are heard
        self._is_over = False
        self._sending = _thread.allocate_lock()  # held while a press of ours is sent
        self._pressing = False  # this press is one of ours

    def pressed(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal."""
        if self._is_over:
            return
        ours, self._pressing = self._pressing, False
        if ours and _on_its_way(sys.exception()):
            return
        if not self.number:
            self.number = number
            # Not threading.Thread: its lock may be held by what this has come in the middle of.
            _thread.start_new_thread(self._press, ())
        raise KeyboardInterrupt(self.number)

    def comes_again(self, unraised: sys.UnraisableHookArgs) -> bool:
        """Whether nothing is lost with this error, which nobody gets to see."""
        return bool(self.number) and unraised.exc_type is KeyboardInterrupt

    def watch(self, reading: int) -> None:
        """In a thread: send again each signal that the main thread has not looked at in time."""
        while came := os.read(reading, 1):
            time.sleep(AGAIN)
            with self._sending:
                if came[0] in self._numbers and not (self.number or self._is_over):
                    _send(came[0])
        os.close(reading)

    def end(self) -> None:
        """Press no more. A press that is being sent has come when this returns."""
        self._is_over = True
        with self._sending:
            pass

    def _press(self) -> None:
        again = self.number
        while True:
            time.sleep(AGAIN)
            with self._sending:
                if self._is_over:
                    return
                self._pressing = True
                _send(again)


def _send(number: int) -> None:
    """Send a signal to the thread that waits for something, so that it does so no longer."""
    if sys.platform == "win32":
        signal.raise_signal(number)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, number)


def _on_its_way(error: BaseException | None) -> bool:
    """Whether an interrupt is what is cleaned up after, perhaps with another error on top."""
    while error and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
