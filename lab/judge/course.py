"""Verdicts in the light of the journal: what was started, what was seen, what is mastered."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lab.explain.verdicts import judge_explanations
from lab.judge import checks as judge
from lab.model import CheckResult, ExerciseResult, Verdict
from lab.server.launchers import Launcher
from lab.server.tables import ids, todo_rows
from lab.workspace.databases import find
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace

# The course's "Mastery check": you can move on when you can ...
SENTENCES = (
    ("explain the difference between a SQLAlchemy model and a Pydantic schema", "explain-3"),
    ("describe what Depends() does and why FastAPI uses it", "explain-2"),
    ("add a new column and update all layers: model, schema, endpoint", "alter-1"),
    ("delete the database and recover by restarting the server", "fix-1"),
)


@dataclass(frozen=True)
class Sentence:
    """One sentence of the mastery check, the exercise behind it, and whether it holds."""

    says: str
    exercise: str
    holds: bool


@dataclass(frozen=True)
class Report:
    """What `lab verify` has found."""

    app: str | None
    exercises: tuple[ExerciseResult, ...]
    seconds: float
    mastery: tuple[Sentence, ...] = ()  # only where the whole track was judged

    @property
    def mastered(self) -> bool:
        """Whether the whole track was judged and every sentence holds."""
        return bool(self.mastery) and all(sentence.holds for sentence in self.mastery)

    @property
    def exit_code(self) -> int:
        """0 passed, 1 judged and not passed, 3 where the lab or the machine is at fault."""
        verdicts = {exercise.verdict for exercise in self.exercises}
        if Verdict.ERROR in verdicts:
            return 3
        passed = self.mastered if self.mastery else verdicts == {Verdict.PASSED}
        return 0 if passed else 1


def verify(
    workspace: Workspace,
    asked: Sequence[str],
    track: Sequence[str],
    launcher: Launcher,
    progress: Callable[[str, CheckResult], None] = lambda node, result: None,
) -> Report:
    """Judge the asked exercises, or the whole track where none is asked for.

    Writes the verdicts, and the symptoms that were seen, into the journal.
    """
    began = time.monotonic()
    wanted = list(asked or track)
    known = {} if asked else {id: seen for id in wanted if (seen := _seen(workspace, id))}
    waiting = {id: waits for id in wanted if (waits := _not_started(workspace, id, wanted))}
    explained = [id for id in wanted if id.startswith("explain-")]
    run = [id for id in wanted if id not in known and id not in waiting and id not in explained]
    app = workspace.app
    judged: list[ExerciseResult] = []
    if run:
        found, judged = judge.judge(workspace, run, launcher, progress)
        app = found or app
    results = {result.id: result for result in judged}
    # A symptom that this very run has seen starts its fix as well.
    late = [id for id in waiting if _passed(results.get(_broken_by(id)))]
    if late:
        _, more = judge.judge(workspace, late, launcher, progress)
        results |= {result.id: result for result in more}
    answers = {result.id: result for result in judge_explanations(workspace, explained)}
    results = waiting | known | answers | results
    ordered = tuple(_noted(workspace, results[id]) for id in wanted)
    _write_down(workspace, [result for result in ordered if result.checks])
    mastery = () if asked else _mastery(ordered)
    return Report(app, ordered, time.monotonic() - began, mastery)


def _passed(result: ExerciseResult | None) -> bool:
    return result is not None and result.verdict is Verdict.PASSED


def _broken_by(fix: str) -> str:
    return fix.replace("fix-", "break-")


def _seen(workspace: Workspace, id: str) -> ExerciseResult | None:
    """A break that the journal has seen needs no second look: by now it should be fixed."""
    entry = workspace.journal.symptom_seen(id) if id.startswith("break-") else None
    if entry is None:
        return None
    return ExerciseResult(id, Verdict.PASSED, note=f"The symptom was seen at {entry.at}.")


def _not_started(workspace: Workspace, id: str, wanted: list[str]) -> ExerciseResult | None:
    if workspace.is_bare or not id.startswith("fix-"):
        return None
    broken = _broken_by(id)
    if workspace.journal.symptom_seen(broken):
        return None
    note = f"Break it first: `lab run {broken}`, or by hand and then `lab verify {broken}`."
    return ExerciseResult(id, Verdict.NOT_STARTED, note=note)


def _noted(workspace: Workspace, result: ExerciseResult) -> ExerciseResult:
    """The result of fix-2 with a note on whether the rows from before were kept."""
    if result.id != "fix-2" or result.verdict is not Verdict.PASSED:
        return result
    now = ids(todo_rows(find(workspace.folder)))
    entry = workspace.journal.symptom_seen("break-2")
    before = entry.data.get("ids") if entry else None
    if before is None:
        note = f"The table holds {len(now)} rows." if now else "The database holds no rows."
    elif before and set(before) <= set(now):
        note = f"All {len(before)} rows from before were kept: a migration."
    elif before:
        lost = len(set(before) - set(now))
        note = f"{lost} of the {len(before)} rows from before are gone: the file was deleted."
    else:
        note = "There were no rows before, so none could be lost."
    return replace(result, note=note)


def _write_down(workspace: Workspace, results: Sequence[ExerciseResult]) -> None:
    journal = workspace.journal
    for result in results:
        if result.id.startswith("break-") and result.verdict is Verdict.PASSED:
            rows = todo_rows(find(workspace.folder))
            journal.append(Kind.SYMPTOM, result.id, by="verify", ids=ids(rows))
        failed = [check.name for check in result.checks if check.verdict is Verdict.FAILED]
        journal.append(Kind.VERDICT, result.id, verdict=result.verdict, failed=failed)


def _mastery(results: Sequence[ExerciseResult]) -> tuple[Sentence, ...]:
    passed = {result.id for result in results if result.verdict is Verdict.PASSED}
    return tuple(Sentence(says, id, id in passed) for says, id in SENTENCES)
