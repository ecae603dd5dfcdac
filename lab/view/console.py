"""The console that everything is printed on."""

from __future__ import annotations

import json
import sys
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


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document on standard output, as `--json` promises, and nothing else."""
    print(json.dumps(document, ensure_ascii=False, indent=1))  # noqa: T201
