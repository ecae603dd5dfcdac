"""What `lab verify` prints: verdicts, and for a failure all that helps to understand it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from lab.judge.course import Report
from lab.model import CheckResult, Evidence, ExerciseResult, Verdict

STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "red",
    Verdict.NOT_STARTED: "yellow",
    Verdict.ERROR: "magenta",
}
WORDS = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.NOT_STARTED: "not started",
    Verdict.ERROR: "error",
}


@contextmanager
def progress(console: Console) -> Iterator[Callable[[str, CheckResult], None]]:
    """Shows on a terminal which check has just been judged; elsewhere nothing."""
    if not console.is_terminal:
        yield lambda node, result: None
        return
    with console.status("Starting") as status:
        yield lambda node, result: status.update(Text(f"{result.verdict}: {result.says}"))


def show_report(console: Console, report: Report, verbose: bool = False) -> None:
    """Print a whole report."""
    for exercise in report.exercises:
        show_exercise(console, exercise, verbose)
    if report.mastery:
        console.print()
        console.print("You can move on when you can:", style="bold")
        for sentence in report.mastery:
            word = "yes" if sentence.holds else "not yet"
            line = Text.assemble((f"  {word:8}", "green" if sentence.holds else "yellow"))
            line.append(f"{sentence.says} ({sentence.exercise})")
            console.print(line)
        missing = [sentence.exercise for sentence in report.mastery if not sentence.holds]
        console.print()
        if missing:
            console.print(f"Still missing: {', '.join(missing)}.")
        else:
            console.print("You can move on.", style="bold green")
    console.print(f"Judged in {report.seconds:.1f} s.", style="dim")


def show_exercise(console: Console, exercise: ExerciseResult, verbose: bool = False) -> None:
    """Print one exercise: its verdict, then its failures, and with `verbose` what passed."""
    line = Text.assemble((f"{exercise.id:10}", "bold"), verdict(exercise.verdict))
    passed = sum(check.verdict is Verdict.PASSED for check in exercise.checks)
    if exercise.checks:
        line.append(f"  {passed} of {len(exercise.checks)} checks", "dim")
    console.print(line)
    if exercise.note:
        console.print(Padding(Text(exercise.note), (0, 0, 0, 10)))
    for check in exercise.checks:
        if check.verdict is not Verdict.PASSED:
            show_check(console, check)
        elif verbose:
            console.print(Text.assemble("  ", verdict(check.verdict), f"  {check.says}."))


def show_check(console: Console, check: CheckResult) -> None:
    """Print a check that has not passed, with its evidence."""
    console.print()
    console.print(Text.assemble("  ", verdict(check.verdict), (f"  {check.says}.", "bold")))
    for label, value in (("expected", check.expected), ("got", check.actual)):
        if value:
            labelled(console, label, value)
    if check.help:
        labelled(console, "think", check.help)
    if check.evidence:
        show_evidence(console, check.evidence)
    console.print()


def show_evidence(console: Console, evidence: Evidence) -> None:
    """Print the request, its answer, the server's words and the rows."""
    for label, value in (
        ("try it", evidence.curl),
        ("answer", evidence.response),
        ("log", evidence.log),
        ("before", evidence.rows_before),
        ("rows now", evidence.rows_after),
    ):
        if value:
            labelled(console, label, value, style="dim")


def labelled(console: Console, label: str, value: str, style: str = "") -> None:
    """Print a value, whole, behind its label."""
    text = Text(f"{label:>10}  ", "cyan")
    lines = value.splitlines() or [""]
    console.print(Text.assemble("  ", text, (lines[0], style)), soft_wrap=True)
    for line in lines[1:]:
        console.print(Text(" " * 14 + line, style), soft_wrap=True)


def verdict(verdict: Verdict) -> Text:
    """A verdict as a coloured word."""
    return Text(WORDS[verdict], STYLES[verdict])


def as_json(report: Report, workspace: Path) -> dict[str, Any]:
    """The report as the document of `lab verify --json`."""
    return {
        "schema": 1,
        "workspace": str(workspace),
        "app": report.app,
        "mastered": report.mastered,
        "seconds": round(report.seconds, 3),
        "exercises": [
            {
                "id": exercise.id,
                "verdict": exercise.verdict,
                "note": exercise.note,
                "checks": [_check(check) for check in exercise.checks],
            }
            for exercise in report.exercises
        ],
    }


def _check(check: CheckResult) -> dict[str, Any]:
    evidence = check.evidence
    return {
        "name": check.name,
        "says": check.says,
        "verdict": check.verdict,
        "expected": check.expected,
        "actual": check.actual,
        "help": check.help,
        "evidence": {
            "curl": evidence.curl,
            "response": evidence.response,
            "log": evidence.log,
            "rows_before": evidence.rows_before,
            "rows_after": evidence.rows_after,
        }
        if evidence
        else None,
    }
