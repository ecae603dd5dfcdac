"""What is printed: nothing that others have written steers the terminal or borrows a style."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab.terminal import errors, history, lines
from lab.terminal.console import make_console, print_json

HOSTILE = "\x1b[2J\x1b]0;owned\x07 \x9b31m \x7f \u202epassed"


def printed(*what: object) -> str:
    screen = StringIO()
    console = make_console(width=80, file=screen)
    for one in what:
        console.print(one)
    return screen.getvalue()


def in_a_table(text: str) -> Table:
    table = Table(title=text)
    table.add_row(Text(text), text)
    return table


@pytest.mark.parametrize("made", [str, Text, in_a_table])
def test_control_characters_are_shown_as_text(made: type) -> None:
    shown = printed(made(HOSTILE))
    assert not set(shown) & set("\x1b\x07\x9b\x7f\u202e")
    assert "\u241b[2J" in shown and "passed" in shown


def test_an_error_shows_them_as_text_too(capsys: pytest.CaptureFixture[str]) -> None:
    errors.show(errors.by_a_defect(ValueError(HOSTILE)))
    shown = capsys.readouterr().err
    assert "\u241b[2J" in shown
    assert not set(shown) & set("\x1b\x07\x9b\x7f\u202e")


def test_a_folder_that_may_not_be_entered_is_no_defect() -> None:
    said = errors.by_the_machine(PermissionError(13, "Permission denied", "locked/todos"))
    assert said.message == "You have no right to locked/todos, or to the folder that it is in."


def test_json_escapes_them_and_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"title": HOSTILE})
    shown = capsys.readouterr().out
    assert not set(shown) & set("\x1b\x07\x9b\x7f")
    assert json.loads(shown)["title"] == HOSTILE


def styled(line: lines.Line) -> str:
    """A line as a terminal with colours gets it."""
    screen = StringIO()
    console = Console(width=80, file=screen, force_terminal=True, color_system="standard")
    lines.put(console, line, 2)
    return screen.getvalue()


def test_a_story_is_as_bright_as_any_text() -> None:
    assert "\x1b" not in styled(Text("The server starts.")).replace("\x1b[2m  \x1b[0m", "")


def test_a_diff_keeps_the_terminals_own_foreground_and_background() -> None:
    screen = StringIO()
    console = Console(width=80, file=screen, force_terminal=True, color_system="standard")
    history.show_diff(console, "--- a\n+++ b\n@@ -1 +1 @@\n same\n-old\n+new\n")
    shown = screen.getvalue().splitlines()
    assert shown[3] == " same"
    assert "\x1b[31m-old" in shown[4] and "\x1b[32m+new" in shown[5]
