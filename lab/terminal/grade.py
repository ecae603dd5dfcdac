"""What `lab grade` shows: the class as it is judged, and what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from lab.grade.gradebook import failed
from lab.grade.outcome import Outcome, Status
from lab.grade.scores import Class, plain

SHOWN = 20  # submissions with a word to say


@contextmanager
def progress(console: Console, total: int, already: int) -> Iterator[Callable[[Outcome], None]]:
    """Show how many of a class are judged, how fast, and how long the rest will take."""
    rate = TextColumn("{task.fields[rate]}")
    columns = (
        BarColumn(30),
        MofNCompleteColumn(),
        rate,
        TimeRemainingColumn(),
        "{task.description}",
    )
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("", total=total, completed=already, rate="")

        def judged(outcome: Outcome) -> None:
            began = shown.tasks[0]
            minutes = (began.elapsed or 0.0) / 60
            shown.advance(task)
            done = began.completed - already
            rate = f"{done / minutes:.0f} a minute" if minutes > 0 else ""
            name = "".join(c if c.isprintable() else "?" for c in outcome.submission)[:24]
            shown.update(task, rate=rate, description=name.replace("[", r"\["))
            if not console.is_terminal:
                console.print(_line(outcome))

        yield judged


def _line(outcome: Outcome) -> Text:
    word = {Status.JUDGED: ""}.get(outcome.status, f" {outcome.status}")
    return Text(f"{_printable(outcome.submission)}:{word or ' judged'}")


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))


def show(console: Console, found: Class, folder: Path) -> None:
    """Print what a class came to, whom to look at, and where all of it is."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("exercise", "all of it", "some", "none", "no score"):
        table.add_column(title, justify="left" if title == "exercise" else "right")
    for exercise in found.exercises:
        scores = [found.score(outcome, exercise) for outcome in found.outcomes]
        told = [score for score in scores if score.reached is not None and score.most]
        whole = sum(score.reached == score.most for score in told)
        none = sum(not score.reached for score in told)
        counts = (whole, len(told) - whole - none, none, len(scores) - len(told))
        table.add_row(exercise, *map(str, counts))
    console.print(table)
    remarkable = [o for o in found.outcomes if o.status is not Status.JUDGED]
    if remarkable:
        console.print("\nTo look at:")
    for outcome in remarkable[:SHOWN]:
        mark = Text.assemble("  ", (_printable(outcome.submission), "bold"), ": ")
        console.print(Text.assemble(mark, _printable(outcome.says) or str(outcome.status)))
    if len(remarkable) > SHOWN:
        console.print(f"  and {len(remarkable) - SHOWN} more, in the gradebook.")
    if common := _common(found):
        console.print()
    for check, count in common:
        console.print(Text(f"{count:>5} failed {check}"))
    count = len(found.outcomes)
    submissions = f"{count} submission{'' if count == 1 else 's'}"
    console.print(f"\n{submissions}, judged behind {', '.join(found.walls)}.")
    console.print(Text(f"All of it is in {folder}: report.html, gradebook.csv, junit.xml."))


def _common(found: Class) -> list[tuple[str, int]]:
    """Return the checks that most have failed."""
    counts = Counter(check for outcome in found.outcomes for check in failed(found, outcome))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]


def as_json(found: Class, folder: Path) -> dict[str, Any]:
    """Return the document of `lab grade --json`."""
    return {
        "folder": str(folder),
        "walls": [*found.walls],
        "exercises": [*found.exercises],
        "submissions": [
            {
                "submission": outcome.submission,
                "status": outcome.status,
                "says": outcome.says,
                "gradable": outcome.gradable,
                "score": _number(found, outcome),
                "of": float(found.total(outcome).most),
                "failed": failed(found, outcome),
            }
            for outcome in found.outcomes
        ],
    }


def _number(found: Class, outcome: Outcome) -> float | None:
    reached = found.total(outcome).reached
    return None if reached is None else float(plain(reached))


def show_notices(console: Console, broken: Sequence[str]) -> None:
    """Say which checks the lab's own solutions do not pass on this machine."""
    for check in broken:
        said = f"The lab's own solution fails {check} here: whoever fails it gets no score for it."
        console.print(Text(said, "yellow"))


def show_stopped(console: Console, judged: int, total: int, results: Path) -> None:
    """Say what an interrupt has left, unless the terminal is gone."""
    with suppress(OSError):
        console.print(
            Text(f"Stopped: {judged} of {total} are judged, and kept in {results}."), soft_wrap=True
        )
        console.print("The same command goes on from there.")


def show_lines(console: Console, lines: Iterable[str]) -> None:
    """Print lines that another program reads."""
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def show_archive(console: Console, archive: Path) -> None:
    """Print where the autograder is, and what it is for."""
    said = f"Written: {archive}. Upload it to Gradescope, as the autograder."
    console.print(Text(said), soft_wrap=True)


def archive_json(archive: Path) -> dict[str, Any]:
    """Return where the autograder is, as one document."""
    return {"written": [str(archive)]}
