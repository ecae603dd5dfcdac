"""Opens the launcher before all else: it takes the longest to be ready, and can do so meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar

TYPE_CHECKING = False  # typing takes as long to import as all of this
if TYPE_CHECKING:
    from lab.appserver.launchers import Launcher

COMMANDS = frozenset({"init", "run", "serve", "trace", "verify", "watch"})  # what starts servers
HELP = frozenset({"-h", "--help"})

_OPENED: ContextVar[Launcher | None] = ContextVar("lab_launcher", default=None)


@contextmanager
def opened(arguments: Sequence[str]) -> Iterator[None]:
    """Open a launcher where these arguments of `lab` will need one; take() gives it away.

    One that nobody has taken is closed with the block.
    """
    if COMMANDS.intersection(arguments[:1]) and not HELP.intersection(arguments):
        from lab.appserver import forker

        begun = forker.begin() if forker.is_wanted() else None
        from lab.appserver.launchers import ForkLauncher, choose
        from lab.model import UsageError

        with suppress(UsageError):  # take() raises it where somebody can say it
            _OPENED.set(ForkLauncher(begun) if begun else choose())
    try:
        yield
    finally:
        if launcher := _given():
            launcher.close()


def take() -> Launcher:
    """Return the launcher that was opened, else a new one; it is the caller's to close.

    Raises UsageError where LAB_LAUNCHER names none.
    """
    from lab.appserver.launchers import choose

    return _given() or choose()


def _given() -> Launcher | None:
    launcher = _OPENED.get()
    _OPENED.set(None)
    return launcher
