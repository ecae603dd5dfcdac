"""What is said after a verdict: the lab's own way, a hint, what is next."""

from __future__ import annotations

from rich.console import Console

from lab.course.comparison import comparable
from lab.course.progress import hint_offered, standing
from lab.model import Verdict
from lab.terminal.course import show_next
from lab.verify.verdicts import Report
from lab.workspace.workspace import Workspace


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
