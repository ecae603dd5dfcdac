"""Single keys from the terminal, without Enter; a change of its size comes as one, too."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Press = Callable[[str], None]

RESIZED = "resized"
ESCAPE = b"\x1b"  # begins what an arrow or a function key sends
POLL = 0.05  # seconds between looks at a Windows console


def there() -> bool:
    """Whether there is a terminal to read keys from."""
    if not sys.stdin.isatty():
        return False
    # Reading the terminal would stop a command that runs in the background.
    return sys.platform == "win32" or os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


@contextmanager
def pressed(press: Press) -> Iterator[None]:
    """Call `press` with each key, from another thread, while the block runs.

    The terminal is as before when the block ends. Without a terminal nothing happens.
    """
    if not there():
        yield
        return
    with _reading(press):
        yield


if sys.platform == "win32":  # pragma: no cover

    @contextmanager
    def _reading(press: Press) -> Iterator[None]:
        import msvcrt

        ended = threading.Event()

        def read() -> None:
            while not ended.wait(POLL):
                while msvcrt.kbhit():
                    key = msvcrt.getwch()
                    if key in "\x00\xe0":  # a function key: its second half is no letter
                        msvcrt.getwch()
                    else:
                        press(key)

        thread = threading.Thread(target=read, name="lab-keys", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

else:
    import select
    import termios
    import tty

    @contextmanager
    def _reading(press: Press) -> Iterator[None]:
        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        woken, wake = os.pipe()

        def read() -> None:
            while True:
                ready, _, _ = select.select([terminal, woken], [], [])
                if woken in ready:
                    return
                try:
                    typed = os.read(terminal, 1024)
                except OSError:  # the terminal is gone
                    return
                if not typed:
                    return
                if not typed.startswith(ESCAPE):
                    for key in typed.decode(errors="ignore"):
                        press(key)

        def again(number: int, frame: FrameType | None) -> None:
            # The shell has set the terminal as it likes while this process was stopped.
            tty.setcbreak(terminal)
            press(RESIZED)

        thread = threading.Thread(target=read, name="lab-keys", daemon=True)
        continued = signal.signal(signal.SIGCONT, again)
        resized = signal.signal(signal.SIGWINCH, lambda number, frame: press(RESIZED))
        tty.setcbreak(terminal)
        thread.start()
        try:
            yield
        finally:
            os.write(wake, b"!")
            thread.join()
            signal.signal(signal.SIGCONT, continued)
            signal.signal(signal.SIGWINCH, resized)
            with contextlib.suppress(termios.error):
                termios.tcsetattr(terminal, termios.TCSADRAIN, before)
            os.close(woken)
            os.close(wake)
