"""What `lab dev` prints: the matrix of what each check catches, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab.dev.check import Proof, Proofs
from lab.dev.trials import Outcome

EVERY = 25  # without a terminal, a line of progress for so many jobs


@contextmanager
def progress(console: Console) -> Iterator[Callable[[Outcome, int], None]]:
    """Show what was proven last and how much is left: in place on a terminal, else in lines."""
    done = 0
    with console.status("Starting") as status:

        def show(outcome: Outcome, jobs: int) -> None:
            nonlocal done
            done += 1
            line = Text(f"{done} of {jobs}: {outcome.job}")
            if console.is_terminal:
                status.update(line)
            elif done % EVERY == 0 or done == jobs:
                console.print(line)

        yield show


def show_proofs(console: Console, proofs: Proofs) -> None:
    """Print the matrix of every exercise, then every problem."""
    for proof in proofs.exercises:
        show_matrix(console, proof)
    if proofs.corpus is None:
        console.print(
            "There is no corpus here: only contracts and start states were proven. "
            "`--corpus DIR` names one."
        )
    for id, why in proofs.skipped:
        console.print(Text.assemble(("left out  ", "yellow"), f"{id}: {why}"), soft_wrap=True)
    problems = list(_problems(proofs))
    for problem in problems:
        console.print(Text.assemble(("wrong  ", "red"), problem), soft_wrap=True)
    trials = sum(proof.correct + proof.wrong for proof in proofs.exercises)
    word = ("Sound", "bold green") if proofs.sound else (f"{len(problems)} problems", "bold red")
    console.print(
        Text.assemble(
            word,
            f": {trials} verdicts, {proofs.solutions} of them on the corpus, "
            f"in {proofs.seconds:.0f} s.",
        )
    )


def show_matrix(console: Console, proof: Proof) -> None:
    """Print one row for each check of an exercise."""
    title = f"{proof.exercise}: {proof.correct} right, {proof.wrong} wrong"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("check", min_width=40)
    table.add_column("catches", justify="right")
    table.add_column("alone", justify="right")
    for row in proof.rows:
        alone = str(row.alone) if row.alone else "-"
        table.add_row(row.check, str(row.catches), alone, style="" if row.catches else "red")
    console.print(table)
    console.print()


def show_started(console: Console, files: list[Path]) -> None:
    """Print which files were begun for a new exercise, and what comes next."""
    show_written(console, files)
    console.print("Fill them in, then prove it: `lab dev check` with its id.")


def show_written(console: Console, files: list[Path]) -> None:
    """Print which files were written."""
    if not files:
        console.print("All of it is up to date.")
    for file in files:
        console.print(Text(f"  written  {file}"), soft_wrap=True)


def written_json(files: list[Path]) -> dict[str, Any]:
    """Return the files that were written, as one document."""
    return {"written": [str(file) for file in files]}


def as_json(proofs: Proofs) -> dict[str, Any]:
    """Return the proofs as one document."""
    return {
        "sound": proofs.sound,
        "corpus": str(proofs.corpus) if proofs.corpus else None,
        "solutions": proofs.solutions,
        "seconds": round(proofs.seconds, 3),
        "exercises": [
            {
                "id": proof.exercise,
                "correct": proof.correct,
                "wrong": proof.wrong,
                "checks": [asdict(row) for row in proof.rows],
                "problems": list(proof.problems),
            }
            for proof in proofs.exercises
        ],
        "problems": list(proofs.problems),
        "skipped": dict(proofs.skipped),
    }


def _problems(proofs: Proofs) -> Iterator[str]:
    for proof in proofs.exercises:
        yield from (f"{proof.exercise}: {problem}" for problem in proof.problems)
    yield from proofs.problems
