"""The `lab` command: however it ends, the learner gets words for it, and an exit code.

Nothing is imported here that takes time: Ctrl+C finds somebody who catches it from the start on.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys

TYPE_CHECKING = False  # typing takes as long to import as all of these
if TYPE_CHECKING:
    from typing import NoReturn

SIGNAL = 128  # a shell adds this to the number of the signal that has ended a command
PIPE_CLOSED = SIGNAL + 13
TERMINAL_CLOSED = SIGNAL + 1
OUTPUTS = (1, 2)  # the descriptors of stdout and stderr
OPEN_FILES = 1024  # hundreds of clients at one instant have a connection each; macOS allows 256


def main() -> NoReturn:
    """Run the command line. Every error is a sentence and a remedy, with its exit code."""
    # What is imported stays: the usual 700 would look for garbage in it, again and again.
    gc.set_threshold(50_000)
    os.environ.pop("PYTHONINSPECT", None)  # no server that is started should wait for input
    os.umask(os.umask(0o077) & 0o077)  # what the lab makes, it can also read, write and remove
    try:
        _allow_open_files()
        _open_streams()
        code = _run()
        sys.stdout.flush()
    except KeyboardInterrupt as interrupt:
        code = SIGNAL + (interrupt.args[0] if interrupt.args else signal.SIGINT)
    except BrokenPipeError:
        # Nobody reads any more, so there is nobody to tell.
        for number in OUTPUTS:
            _lead_nowhere(number)
        code = PIPE_CLOSED
    except OSError as error:  # the output cannot be written, nor what to say about it
        # A terminal that closes refuses what is written before the signal for it has come.
        code = TERMINAL_CLOSED if error.errno == errno.EIO else 3
    # Another Ctrl+C, now, would print a traceback of Python's own clean-up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.flags.inspect:  # PYTHONINSPECT: Python would print a traceback, and wait for input
        os._exit(code)
    gc.freeze()  # at its end Python would look for garbage thrice, in all that was imported
    sys.exit(code)


def _allow_open_files() -> None:
    """Let the lab, and each server that it starts, open as many files as Linux allows."""
    if os.name == "nt":
        return
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _open_streams() -> None:
    """Open what the caller has closed (`lab list >&-`): else the next file gets its number.

    What may only be read is no output either, and goes nowhere.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))
    for number in OUTPUTS:
        try:
            os.write(number, b"")
        except OSError as error:
            if error.errno == errno.EBADF:
                _lead_nowhere(number)


def _lead_nowhere(number: int) -> None:
    """Drop what is written to a descriptor from here on."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)
    os.close(nothing)


def _run() -> int:
    """Run the command and return its exit code; what stops it is said."""
    from lab.cli import early_launcher

    try:
        with early_launcher.opened(sys.argv[1:]):
            return _command()
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001
        return _stopped(error)


def _command() -> int:
    import typer

    from lab.cli import interrupts
    from lab.cli.app import cli
    from lab.workspace import temporary

    try:
        with temporary.own_folder(), interrupts.heard():
            return cli(standalone_mode=False) or 0
    except typer.Abort:  # the end of the input, at a question
        return SIGNAL + signal.SIGINT


def _stopped(error: Exception) -> int:
    """Say what stopped the command, and what to do; return the exit code."""
    import typer

    from lab.model import LabError
    from lab.terminal import errors

    # Typer brings click along, in newer versions under a name of its own.
    click_error = typer.BadParameter.__mro__[2]
    match error:
        case LabError():
            said = error
        case OSError() | MemoryError():
            said = errors.by_the_machine(error)
        case RuntimeError() if "start new thread" in str(error):
            said = errors.by_a_limit(error)
        case _ if isinstance(error, click_error):
            said = errors.by_the_command_line(error)
        case _:
            # A defect of the lab must never look like the learner's, nor end in a traceback.
            said = errors.by_a_defect(error)
    return errors.show(said, "--json" in sys.argv)
