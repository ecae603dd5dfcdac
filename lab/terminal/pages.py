"""Shows a play to a room: a page that fits the screen, then a key, then the next page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Self

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType
from rich.text import Text

from lab.scenario import Prediction
from lab.scenario import events as p
from lab.terminal import keys
from lab.terminal.play import show

QUIT = "q"
ON = frozenset(" \n\r")
PROMPT = "Space to go on, q to end "


class Ended(Exception):
    """Whoever shows the play has pressed q."""


class Pages:
    """Shows events on a terminal and waits for a key after each sentence and each page.

    A page is never longer than the screen. Keys that are pressed while something happens are
    dropped, so that nothing is skipped by accident. Raises Ended at `q`.
    """

    def __init__(self, console: Console, *, verbose: bool = False) -> None:
        self._console = console
        self._verbose = verbose
        self._height = 0  # lines of this page
        self._unseen = False  # something was shown since the last key
        self._keys: SimpleQueue[str] = SimpleQueue()
        self._waits = False

    @classmethod
    @contextmanager
    def opened(cls, console: Console, *, verbose: bool = False) -> Iterator[Self]:
        """Read the keys of the terminal while the block runs."""
        pages = cls(console, verbose=verbose)
        with keys.pressed(pages._press):
            yield pages

    def show(self, event: p.Event) -> None:
        """Show one event, on a new page where it begins a part or has no room on this one."""
        if isinstance(event, p.Chapter):
            self._turn()
        self._put(self._lines(event))
        if isinstance(event, p.Said):
            self._wait(PROMPT, ON)

    def predict(self, prediction: Prediction) -> int | None:
        """Ask the room on a page of its own, and return the choice whose number was pressed."""
        self._turn()
        numbers = [str(number) for number in range(1, len(prediction.texts) + 1)]
        asked = [Text(prediction.question, "bold"), Text()]
        asked += [Text(f"  {number}  {text}") for number, text in enumerate(prediction.texts, 1)]
        with self._console.capture() as captured:
            self._console.print(*asked, sep="\n")
        self._put(captured.get().splitlines())
        key = self._wait("What do you expect? A number, or space to go on ", {*numbers, *ON})
        return numbers.index(key) if key in numbers else None

    def _lines(self, event: p.Event) -> list[str]:
        with self._console.capture() as captured:
            show(event, self._console, verbose=self._verbose)
        return captured.get().splitlines()

    def _put(self, lines: list[str]) -> None:
        room = max(self._console.height - 2, 5)  # the prompt has a line, and one is above it
        if self._height + len(lines) > room:
            self._turn()
        while lines:
            if not self._height and not lines[0].strip():
                lines = lines[1:]  # a page does not begin with an empty line
            page, lines = lines[:room], lines[room:]
            for line in page:
                self._console.print(Text.from_ansi(line), no_wrap=True, crop=False)
            self._height += len(page)
            self._unseen = True
            if lines:
                self._turn()

    def _turn(self) -> None:
        """Begin a new page."""
        if self._unseen:
            self._wait(PROMPT, ON)
        self._console.clear()
        self._height = 0

    def _wait(self, prompt: str, wanted: frozenset[str] | set[str]) -> str:
        """Return the first of these keys that is pressed from now on."""
        self._console.print()
        self._console.print(Text(prompt, "dim"), end="")
        while not self._keys.empty():
            self._keys.get()
        self._waits = True
        try:
            while (key := self._keys.get()) not in wanted:
                if key == QUIT:
                    raise Ended
        except (Ended, KeyboardInterrupt):
            self._console.print()  # the shell's own prompt begins on a line
            raise
        self._waits = self._unseen = False
        # The prompt gives its place to what comes next.
        self._console.control(
            Control(
                ControlType.CARRIAGE_RETURN,
                (ControlType.ERASE_IN_LINE, 2),
                (ControlType.CURSOR_UP, 1),
            )
        )
        return key

    def _press(self, key: str) -> None:
        if self._waits:
            self._keys.put(key)
