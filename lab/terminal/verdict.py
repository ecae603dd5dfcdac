"""What `lab verify` prints: verdicts, and for a failure all that helps to understand it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from lab.course.comparison import comparable
from lab.course.mastery import Sentence
from lab.course.progress import hint_offered, standing
from lab.model import AppFailed, CheckResult, Evidence, ExerciseResult, Progress, Verdict
from lab.terminal.course import show_next
from lab.terminal.lines import columns, hang, whole
from lab.verify.drift import DriftMap, concerns_column
from lab.verify.verdicts import Report
from lab.workspace.workspace import Workspace

STYLES = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "red",
    Verdict.NOT_STARTED: "yellow",
    Verdict.NOT_APPLICABLE: "yellow",
    Verdict.ERROR: "magenta",
}


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    """Show on a terminal which check has just been judged; elsewhere nothing."""
    if not console.is_terminal:
        yield lambda result: None
        return
    with console.status("Starting") as status:
        # One line: what is longer would leave its end behind on the screen at each change.
        yield lambda result: status.update(
            Text(f"{result.verdict}: {result.says}", no_wrap=True, overflow="ellipsis")
        )


def show_report(console: Console, report: Report, verbose: bool = False) -> None:
    """Print a whole report. Of a whole track, what failed is only named: each can be asked for."""
    for exercise in report.exercises:
        if report.mastery and not verbose:
            show_line(console, exercise)
        else:
            show_exercise(console, exercise, verbose)
            if report.drift and exercise.checks and concerns_column(exercise.id):
                show_drift(console, report.drift)
    if report.mastery:
        show_mastery(console, report)
    console.print(f"Judged in {report.seconds:.1f} s.", style="dim")


def show_mastery(console: Console, report: Report) -> None:
    """Print the course's four sentences, and whether the learner can move on."""
    console.print()
    console.print("You can move on when you can:", style="bold")
    for sentence in report.mastery:
        word = Text(f"{'yes' if sentence.holds else 'not yet':9}")
        word.stylize("green" if sentence.holds else "yellow")
        hang(console, word, Text(f"{sentence.says}."))
        hang(console, " " * 9, Text(_evidence(sentence), "dim"))
    missing = [sentence.exercise for sentence in report.mastery if not sentence.holds]
    console.print()
    if missing:
        console.print(f"Still missing: {', '.join(missing)}.")
        first = missing[0]
        console.print(f"`lab show {first}` is the task, `lab verify {first}` the verdict.")
    else:
        console.print("You can move on.", style="bold green")


def _evidence(sentence: Sentence) -> str:
    """Which exercise shows it, its verdict, and since when."""
    said = f"{sentence.exercise}: {sentence.verdict.words}"
    if sentence.holds and sentence.since:
        said += f", since {sentence.since.when}"
    return said + (", with help" if sentence.holds and sentence.helped else "")


def show_line(console: Console, exercise: ExerciseResult) -> None:
    """Print one exercise: its verdict, and the first thing that does not hold."""
    line = Text.assemble((f"{exercise.id:10}", "bold"), verdict(exercise.verdict))
    passed = sum(check.verdict is Verdict.PASSED for check in exercise.checks)
    if exercise.checks:
        line.append(f"  {passed} of {len(exercise.checks)} checks", "dim")
    console.print(line)
    if exercise.note:
        hang(console, " " * 10, Text(exercise.note))
    open = _open(exercise)
    if not open or exercise.verdict is Verdict.PASSED:
        return
    errors = [check for check in open if check.verdict is Verdict.ERROR]
    said = f"Not so: {open[0].says}."
    if open[0].expected == AppFailed.expected and open[0].actual:
        said = open[0].actual
    if exercise.verdict is Verdict.NOT_APPLICABLE:
        said = f"There is not {open[0].expected}: there is {open[0].actual}."
    if errors:
        said = f"Could not be judged: {errors[0].help or errors[0].actual or errors[0].says}"
    hang(console, " " * 10, Text(said, "dim"))


def _open(exercise: ExerciseResult) -> list[CheckResult]:
    """Return the checks that have not passed, those that are not applicable last."""
    open = [check for check in exercise.checks if check.verdict is not Verdict.PASSED]
    return sorted(open, key=lambda check: check.verdict is Verdict.NOT_APPLICABLE)


def show_exercise(console: Console, exercise: ExerciseResult, verbose: bool = False) -> None:
    """Print one exercise: its verdict, its first failure whole, and the others by name.

    With `verbose`, every failure whole, and what has passed.
    """
    show_line(console, replace(exercise, checks=()))
    for check in exercise.checks:
        if check.verdict is Verdict.PASSED and check.actual:
            hang(console, " " * 10, Text(check.actual, "yellow"))
    open = _open(exercise)
    for check in exercise.checks if verbose else open[:1]:
        if check.verdict is Verdict.PASSED:
            show_name(console, check)
        else:
            show_check(console, check)
    if verbose or not open:
        return
    others = [check for check in open[1:] if check.actual != open[0].actual]
    if others:
        console.print()
    for check in others:
        show_name(console, check)
    if same := len(open) - 1 - len(others):
        console.print()
        console.print(f"  {same} more for the same reason.")


def show_name(console: Console, check: CheckResult) -> None:
    """Print what a check says, behind its verdict."""
    mark = Text.assemble("  ", verdict(check.verdict), "  ")
    hang(console, mark, Text(f"{check.says}."))


def show_check(console: Console, check: CheckResult) -> None:
    """Print a check that has not passed, with its evidence."""
    console.print()
    hang(console, Text.assemble("  ", verdict(check.verdict), "  "), Text(f"{check.says}.", "bold"))
    looked_for = check.verdict is Verdict.NOT_APPLICABLE
    for label, value in (
        ("looked for" if looked_for else "expected", check.expected),
        ("found" if looked_for else "got", check.actual),
        ("think", check.help),
    ):
        if value:
            labelled(console, label, value)
    if check.evidence:
        show_evidence(console, check.evidence, check.actual)


def show_evidence(console: Console, evidence: Evidence, actual: str | None) -> None:
    """Print the request, its answer, the server's words and the rows."""
    if evidence.curl:
        # Not wrapped: it is there to be copied.
        mark = (f"{'try it':>12}  ", "cyan")
        whole(console, Text.assemble(mark, (evidence.curl, "dim")))
    for label, value in (
        ("answer", evidence.response if evidence.response != actual else None),
        ("log", evidence.log),
        ("before", evidence.rows_before),
        ("rows now", evidence.rows_after),
    ):
        if value:
            labelled(console, label, value, style="dim")


def show_drift(console: Console, drift: DriftMap) -> None:
    """Print one line a field: in which of the layers it is."""
    layers = [layer.name for layer in drift.layers]
    table = columns("field", *layers, whole=layers)
    for field in drift.fields:
        table.add_row(Text(field), *(layer.says(field) for layer in drift.layers))
    console.print()
    console.print("  Where each field is, as it was found in your API and your database:")
    console.print(Padding(table, (0, 0, 0, 2), expand=False))


def labelled(console: Console, label: str, value: str, style: str = "") -> None:
    """Print a value, whole, behind its label."""
    hang(console, Text(f"{label:>12}  ", "cyan"), Text(value.removesuffix("\n"), style))


def verdict(verdict: Verdict) -> Text:
    """Return a verdict as a coloured word."""
    return Text(verdict.words, STYLES[verdict])


def show_after(console: Console, workspace: Workspace, report: Report) -> None:
    """Print what helps the learner on, in the light of the journal."""
    judged = {result.id: result.verdict for result in report.exercises}
    for id, verdict in judged.items():
        if verdict is Verdict.PASSED and comparable(id):
            console.print(f"`lab diff {id}` shows how your way differs from the lab's.")
    offered = [id for id, verdict in judged.items() if offers_hint(workspace, id, verdict)]
    for id in offered:
        console.print(f"It has failed a few times in a row. `lab hint {id}` has a hint for you.")
    if set(judged.values()) == {Verdict.PASSED}:
        show_next(console, standing(workspace))


def offers_hint(workspace: Workspace, id: str, verdict: Verdict) -> bool:
    """Whether a hint should be offered after this verdict."""
    return verdict is Verdict.FAILED and hint_offered(workspace.journal, id)


def as_json(report: Report, workspace: Path) -> dict[str, Any]:
    """Return the report as the document of `lab verify --json`."""
    return {
        "workspace": str(workspace),
        "app": report.app,
        "mastered": report.mastered,
        "seconds": round(report.seconds, 3),
        "mastery": [
            {
                "says": sentence.says,
                "exercise": sentence.exercise,
                "verdict": sentence.verdict,
                "since": sentence.since.at if sentence.holds and sentence.since else None,
                "helped": sentence.helped,
            }
            for sentence in report.mastery
        ],
        "drift": {
            field: {layer.name: layer.says(field) for layer in report.drift.layers}
            for field in report.drift.fields
        }
        if report.drift
        else None,
        "exercises": [asdict(exercise) for exercise in report.exercises],
    }
