"""What a failure looks like: the first one whole, the others by name or by number."""

from __future__ import annotations

from io import StringIO

import pytest

from lab.model import AppFailed, CheckResult, Crash, ExerciseResult, Frame, Verdict
from lab.terminal.console import make_console
from lab.terminal.verdict import show_exercise, show_line


def check(name: str, actual: str) -> CheckResult:
    says = f"{name} holds"
    return CheckResult(name, says, Verdict.FAILED, "a todo", actual, f"Think of {name}.")


FAILURES = (
    CheckResult("good", "The good one holds", Verdict.PASSED),
    check("first", "500"),
    check("second", "500"),
    check("third", "404"),
    check("fourth", "500"),
)


def shown(verbose: bool) -> str:
    screen = StringIO()
    exercise = ExerciseResult("alter-1", Verdict.FAILED, FAILURES)
    show_exercise(make_console(width=80, file=screen), exercise, verbose)
    return screen.getvalue()


def test_the_first_failure_is_whole_and_those_of_the_same_reason_are_counted() -> None:
    said = shown(verbose=False)
    assert "Think of first." in said
    assert "third holds." in said and "Think of third." not in said
    assert "second holds" not in said
    assert "2 more for the same reason." in said


@pytest.mark.parametrize("name", ["first", "second", "third", "fourth"])
def test_whoever_wants_everything_gets_each_failure_whole(name: str) -> None:
    said = shown(verbose=True)
    assert f"Think of {name}." in said
    assert "The good one holds." in said
    assert "same reason" not in said


def test_a_line_says_that_the_app_does_not_start() -> None:
    crash = Crash("SyntaxError", "'(' was never closed", Frame("main.py", 3, "<module>", "f("))
    actual = f"The app does not start: {crash}"
    failed = CheckResult("one", "One holds", Verdict.FAILED, AppFailed.expected, actual)
    screen = StringIO()
    show_line(
        make_console(width=80, file=screen), ExerciseResult("persist", Verdict.FAILED, (failed,))
    )
    said = " ".join(screen.getvalue().split())
    assert said.endswith("does not start: SyntaxError: '(' was never closed (main.py:3: `f(`)")
