"""Lines that fit the width of the console, whatever is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

QUIET = "dim"
GOOD, BAD, NOTE = "green", "red", "yellow"


@dataclass(frozen=True)
class Hung:
    """A text that is wrapped beside a prefix, and not below it."""

    prefix: str
    text: str
    style: str = ""


@dataclass(frozen=True)
class Command:
    """A command to paste: a line of it is never wrapped."""

    text: str


Line = Text | Table | Hung | Command


def put(console: Console, line: Line, indent: int) -> None:
    """Print one line, wrapped and indented."""
    space = " " * indent
    if isinstance(line, Table):
        console.print(Padding(line, (0, 0, 0, indent), expand=False))
    elif isinstance(line, Hung):
        hang(console, Text(space + line.prefix, QUIET), Text(line.text, line.style))
    elif isinstance(line, Command):
        for part in line.text.splitlines():
            whole(console, Text(space + part, "bold"))
    else:
        hang(console, space, line)


def columns(*headers: str, whole: Sequence[str] = ()) -> Table:
    """Return a table without lines, of columns with these headers; the `whole` never wrap."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=QUIET)
    for header in headers:
        table.add_column(header, no_wrap=header in whole)
    return table


def status_line(status: int | None) -> str:
    """Return a status with its words, "404 Not Found"; the number alone where it has none."""
    try:
        return f"{status} {HTTPStatus(status or 0).phrase}"
    except ValueError:
        return str(status)


def diff_style(line: str) -> str:
    """Return the style of one line of a unified diff. None is a colour that a theme may lack."""
    styles = {"+++": "bold", "---": "bold", "@@": "cyan", "+": GOOD, "-": BAD}
    return next((style for sign, style in styles.items() if line.startswith(sign)), "")


def hang(console: Console, mark: str | Text, text: Text) -> None:
    """Print a text behind a mark, its further lines below its first.

    No line ends in spaces: they would spoil a pasted command.
    """
    mark = Text(mark) if isinstance(mark, str) else mark
    for line in text.wrap(console, max(console.width - mark.cell_len, 20)) or [Text()]:
        line.rstrip()
        whole(console, Text.assemble(mark, line))
        mark = Text(" " * mark.cell_len)


def whole(console: Console, line: Text) -> None:
    """Print a line in one piece, also where it is longer than the console is wide."""
    console.print(line, no_wrap=True, crop=False, overflow="ignore")
