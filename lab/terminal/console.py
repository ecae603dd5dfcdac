"""The console that everything is printed on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from functools import partial
from io import TextIOWrapper
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

# What steers a terminal, or turns a line around, in place of being read; each gets a sign that
# can be seen, of the same width, so that lines break where they did.
C1 = (0x7F, *range(0x80, 0xA0))
TURNING = (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
VISIBLE = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"},
    **dict.fromkeys((*C1, *TURNING), "\ufffd"),
}
ESCAPED = {code: f"\\u{code:04x}" for code in C1}  # JSON itself escapes no more than C0


class _Console(Console):
    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render as ever, with control characters as text: what is shown was written by others."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(segment.text.translate(VISIBLE), segment.style)

    def on_broken_pipe(self) -> None:
        """Leave it to the command line what becomes of a reader that has gone."""
        raise BrokenPipeError


def make_console(
    *,
    stderr: bool = False,
    record: bool = False,
    width: int | None = None,
    file: IO[str] | None = None,
) -> Console:
    """Return a console on standard output, on standard error, or on a file.

    Rich itself respects NO_COLOR, and takes 80 columns where there is no terminal. `record=True`
    keeps what is printed for an export as SVG.
    """
    stream = file or (sys.stderr if stderr else sys.stdout)
    if isinstance(stream, TextIOWrapper):
        # A todo may have any character in its title; the terminal need not know them all.
        stream.reconfigure(errors="replace")
    return _Console(
        file=file,
        stderr=stderr,
        record=record,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    )


def print_json(document: dict[str, Any], *, in_one_line: bool = False) -> None:
    """Print a document of `--json` on standard output, with the number of its schema."""
    dumps = partial(json.dumps, {"schema": 1, **document}, indent=None if in_one_line else 1)
    # A row may hold what JSON has no word for.
    text = dumps(ensure_ascii=False, default=str).translate(ESCAPED)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = dumps(default=str)
    try:
        print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        raise BrokenPipeError from None  # click would take one with a number for its own, and end
