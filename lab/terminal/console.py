"""The console that everything is printed on."""

from __future__ import annotations

import json
import sys
from functools import partial
from io import TextIOWrapper
from typing import IO, Any

from rich.console import Console


class _Console(Console):
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
    text = dumps(ensure_ascii=False, default=str)  # a row may hold what JSON has no word for
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = dumps(default=str)
    print(text, flush=True)  # noqa: T201
