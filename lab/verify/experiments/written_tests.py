"""What a learner's own test must say of APIs of the lab's: of a right one, and of wrong ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lab.appserver.rows import todo_rows, todo_table
from lab.appserver.server import Server
from lab.appserver.timeouts import CHECK_SECONDS
from lab.codemods import Edit
from lab.model import CheckFailed, Evidence, NotApplicable, Rows, TestsTookTooLong
from lab.play.written_tests import NOTHING_RAN, PACKAGE, TestRun, put_api, run
from lab.verify.todos import Todos
from lab.workspace import databases

OWN = "todos.db"  # where the lab's API keeps its todos when it is told nothing else
OUTPUT = 4_000  # characters of pytest's words in the evidence: its end says most
FRAME = re.compile(r"(\S.*):\d+: in \S")  # as --tb=short begins it


def must_pass(todos: Todos, file: str, *edits: Edit) -> None:
    """Ask for a file of tests that passes on the API that these edits make of the reference."""
    found = _run(todos, file, edits)
    if found.code == NOTHING_RAN:
        raise _failed(
            found,
            file,
            "a test that runs and passes on a right API",
            "there was none: pytest found no test, or left out those that it found",
            "pytest takes functions whose names begin with test_.",
        )
    if not found.passed:
        raise _failed(
            found,
            file,
            "a test that passes on a right API",
            "it fails, or does not run",
            "What does the test take for granted that no task says? Look at the first line with E.",
        )


def must_leave_todos(todos: Todos, file: str, *edits: Edit) -> None:
    """Ask for tests that leave the todos of the folder's own database as they are."""
    _must_be_there(todos, file)
    put_api(todos.server.folder, edits)
    todos.server.start()
    todos.create("made before the tests")
    todos.server.stop()
    # The same file before and after: a test may leave a test.db of its own beside it.
    own = todo_table(databases.find(todos.server.folder))
    files = [own[0]] if own else []
    before = todo_rows(files)
    found = _ran(todos.server, file)
    after = todo_rows(files)
    if after != before:
        raise _failed(
            found,
            file,
            f"the todos of your own database as they were before the tests: {_counted(before)}",
            f"{_counted(after)} after them" if _counted(after) != _counted(before) else "others",
            "Which database does the API under test open, and where is it?",
        )


def must_fail(todos: Todos, file: str, says: str, *edits: Edit) -> None:
    """Ask for tests that fail on the API that these edits make of the reference."""
    found = _run(todos, file, edits)
    if not found.caught:
        raise _failed(
            found,
            file,
            f"a test that fails on an API {says}",
            "all tests pass there" if found.passed else "no test ran to its end there",
            "What would a client notice of it, and when? Do that in the test.",
        )
    left = todo_rows([todos.server.folder / OWN])
    if left and left.rows:
        raise _failed(
            found,
            file,
            "your own database as it was, also where the tests fail: without a todo",
            f"{_counted(left)} in {OWN} after they have failed on an API {says}",
            "What a test takes back at its end stays where it does not come to that. Which "
            "database does the API under test open?",
        )


def _run(todos: Todos, file: str, edits: Sequence[Edit]) -> TestRun:
    _must_be_there(todos, file)
    put_api(todos.server.folder, edits)
    return _ran(todos.server, file)


def _ran(server: Server, file: str) -> TestRun:
    """Run the tests, one run at a time; where they have not ended once, wait less long."""
    with server.timeouts.tests_in_turn:
        seconds = server.timeouts.for_tests(file)
        server.begin_anew(seconds + CHECK_SECONDS)
        try:
            return run(server, file, seconds)
        except TestsTookTooLong:
            server.timeouts.shorten_for_tests(file)
            raise


def _must_be_there(todos: Todos, file: str) -> None:
    server = todos.server
    if not (server.folder / PACKAGE / "main.py").is_file():
        raise NotApplicable(
            f"an app in {PACKAGE}/main.py, in whose place the lab puts others", "another layout"
        )
    if not (server.folder / file).is_file():
        raise CheckFailed(
            expected=f"your test in {file}",
            actual="there is no such file",
            help=f"Make the file {file} in your folder; `python -m pytest {file}` runs it.",
            shown=Evidence(),
        )


def _counted(rows: Rows | None) -> str:
    count = len(rows.rows) if rows else 0
    return f"{count} todo{'' if count == 1 else 's'}"


def own_lines(output: str) -> str:
    """Return pytest's words without the frames of a traceback that are in no file of the folder."""
    kept = []
    foreign = False
    for line in output.splitlines():
        if frame := FRAME.match(line):
            foreign = Path(frame[1]).is_absolute() or frame[1].startswith(("<", ".."))
        elif not line.startswith("    "):  # the source of a frame is; what was raised is not
            foreign = False
        if not foreign:
            kept.append(line)
    return "\n".join(kept)


def _failed(found: TestRun, file: str, expected: str, actual: str, help: str) -> CheckFailed:
    shown = Evidence(curl=f"python -m pytest {file}", log=own_lines(found.output)[-OUTPUT:] or None)
    return CheckFailed(expected, actual, help, shown)
