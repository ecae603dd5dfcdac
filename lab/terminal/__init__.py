"""Everything that is printed."""

from typing import Any

__all__ = ["listener", "make_console", "show"]


def __getattr__(name: str) -> Any:
    # What shows a play imports the player's own modules, which most commands do not need.
    if name == "make_console":
        from lab.terminal.console import make_console

        return make_console
    if name in __all__:
        from lab.terminal import play

        return getattr(play, name)
    raise AttributeError(name)
