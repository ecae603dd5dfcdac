"""Verdicts in the light of the journal: what was started, what was seen, what is mastered."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lab.appserver.launchers import Launcher
from lab.appserver.rows import ids, todo_rows
from lab.course import catalogue
from lab.course.comparison import keep_passed
from lab.course.mastery import Sentence, sentences
from lab.model import ExerciseResult, Progress, Verdict
from lab.optional_dependencies import missing
from lab.play.revision import has_alembic
from lab.quiz.verdicts import judge_explanations
from lab.scenario import FILE, Exercise
from lab.verify.drift import DriftMap, concerns_column, fields_of, measure
from lab.verify.runner import Control, judge
from lab.workspace.databases import find
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace

OLD_TABLE = (
    "Your own API fails on it. If you can lose its todos, delete the file; to keep them, type "
    "`lab run fix-2 --migrate`."
)
BEFORE_UPGRADE = "Your own API fails on it until `alembic upgrade head` has brought it up to date."


@dataclass(frozen=True)
class Report:
    """What `lab verify` has found."""

    app: str | None
    exercises: tuple[ExerciseResult, ...]
    seconds: float
    mastery: tuple[Sentence, ...] = ()  # only where the whole track was judged
    drift: DriftMap | None = None  # where an exercise about a column has failed

    @property
    def mastered(self) -> bool:
        """Whether the whole track was judged and every sentence holds."""
        return bool(self.mastery) and all(sentence.holds for sentence in self.mastery)

    @property
    def exit_code(self) -> int:
        """0 passed, 1 judged and not passed, 3 where the lab or the machine is at fault."""
        verdicts = {exercise.verdict for exercise in self.exercises} - {Verdict.NOT_APPLICABLE}
        if Verdict.ERROR in verdicts:
            return 3
        passed = self.mastered if self.mastery else verdicts <= {Verdict.PASSED}
        return 0 if passed else 1


def verify(
    workspace: Workspace,
    asked: Sequence[str],
    track: Sequence[str],
    launcher: Launcher,
    progress: Progress = lambda result: None,
    *,
    thorough: bool = False,
    control: Control | None = None,
) -> Report:
    """Judge the asked exercises, or the whole track where none is asked for.

    With `thorough`, what is shown of a failure is looked at where nothing failed, too. A `control`
    knows what the lab's own solution has passed.
    Writes the verdicts, and the symptoms that were seen, into the journal.
    """
    began = time.monotonic()
    wanted = list(asked or track)
    found = {id: _without_running(workspace, id, is_asked=bool(asked)) for id in wanted}
    known = {id: result for id, result in found.items() if result}
    unknown = [id for id in wanted if id not in known]
    waiting = {id: waits for id in unknown if (waits := not_started(workspace, id))}
    run = [id for id in unknown if id not in waiting]
    app = workspace.app
    judged: list[ExerciseResult] = []
    if run:
        before = _failed_before(workspace, run)
        booted, judged = judge(workspace, run, launcher, progress, control=control, first=before)
        app = booted.app or app
    results = {result.id: _begun(workspace, result) for result in judged}
    # A symptom that this very run has seen starts its fix as well.
    late = [id for id in waiting if _passed(results.get(_broken_by(id)))]
    if late:
        _, more = judge(workspace, late, launcher, progress, control=control)
        results |= {result.id: result for result in more}
    results = waiting | known | results
    if not asked:
        results |= {id: _to_break(id) for id in wanted if _shows_nothing(results[id])}
    columns = [r for r in results.values() if r.checks and concerns_column(r.id)]
    drift = None
    if columns and (asked or thorough):
        drift = measure(workspace, launcher, fields_of(result.id for result in columns))
    ordered = tuple(_noted(workspace, results[id], drift) for id in wanted)
    _write_down(workspace, [result for result in ordered if result.checks], overview=not asked)
    mastery = () if asked else sentences(workspace.journal, ordered)
    unseen = all(result.verdict is Verdict.PASSED for result in columns) and not thorough
    return Report(app, ordered, time.monotonic() - began, mastery, None if unseen else drift)


def _failed_before(workspace: Workspace, ids: Sequence[str]) -> set[str]:
    """Return the checks that have failed in the last verdict on each exercise: who mends waits."""
    found: set[str] = set()
    for entry in {e.exercise: e for e in workspace.journal.entries(Kind.VERDICT)}.values():
        match entry.data:
            case {"failed": [*names]} if entry.exercise in ids:
                found.update(map(str, names))
    return found


def _passed(result: ExerciseResult | None) -> bool:
    return result is not None and result.verdict is Verdict.PASSED


def _broken_by(fix: str) -> str:
    return fix.replace("fix-", "break-")


def _without_running(workspace: Workspace, id: str, *, is_asked: bool) -> ExerciseResult | None:
    """Return the verdict on an exercise for which no app is run; None where one has to be."""
    entry = catalogue.exercise(id)
    if not isinstance(entry, Exercise):
        return judge_explanations(workspace, [id])[0]
    note = None
    if FILE[0] not in entry.databases:
        note = f"It needs a database server: `lab verify {id} --database-url URL`."
    elif lacks := missing(entry.needs):
        note = f"{lacks.message} {lacks.remedy}"
    if note:
        return ExerciseResult(id, Verdict.NOT_STARTED, note=note)
    if entry.kind == "claim":
        return _settled(workspace, id)
    return _seen(workspace, id) if entry.kind == "break" and not is_asked else None


def _seen(workspace: Workspace, id: str) -> ExerciseResult | None:
    """Return the verdict of a break where none is asked for: none is looked at then.

    One that was seen should be fixed by now. Another counts once it is played or asked for: a
    database that is old, or gone, may be so for other reasons.
    """
    if workspace.is_read_only:
        return None
    entry = workspace.journal.symptom_seen(id)
    if entry is None:
        return _to_break(id)
    return ExerciseResult(id, Verdict.PASSED, note=f"The symptom was seen, {entry.when}.")


def _shows_nothing(result: ExerciseResult) -> bool:
    """Whether it is that of a break whose symptom was not seen: nobody has broken it yet."""
    return result.id.startswith("break-") and result.verdict is Verdict.FAILED


def _to_break(id: str) -> ExerciseResult:
    """Return the verdict of a break that nobody has broken yet."""
    note = f"Break it: `lab run {id}`, or by hand and then `lab verify {id}`."
    return ExerciseResult(id, Verdict.NOT_STARTED, note=note)


def _settled(workspace: Workspace, id: str) -> ExerciseResult:
    """Return the verdict of a claim: a run of it settles it, and a prediction, right or wrong."""
    said = [] if workspace.is_read_only else workspace.journal.entries(Kind.PREDICTION, id)
    if not said:
        note = f"Say what you expect, and see: `lab run {id}`."
        return ExerciseResult(id, Verdict.NOT_STARTED, note=note)
    happened = said[-1].data.get("happened")
    return ExerciseResult(id, Verdict.PASSED, note=f"What happened: {happened}")


def not_started(workspace: Workspace, id: str) -> ExerciseResult | None:
    """Why an exercise is not judged yet; None where it is.

    Of a fix, the journal has not seen what it mends; of a test, nothing is written.
    """
    entry = catalogue.exercise(id)
    if isinstance(entry, Exercise) and entry.file and not (workspace.folder / entry.file).is_file():
        return ExerciseResult(id, Verdict.NOT_STARTED, note=f"Write it: there is no {entry.file}.")
    if workspace.is_read_only or not id.startswith("fix-"):
        return None
    broken = _broken_by(id)
    if workspace.journal.symptom_seen(broken):
        return None
    note = f"Break it first: `lab run {broken}`, or by hand and then `lab verify {broken}`."
    return ExerciseResult(id, Verdict.NOT_STARTED, note=note)


def _begun(workspace: Workspace, result: ExerciseResult) -> ExerciseResult:
    """Return the result, or not_started where what is to be written was never missing."""
    entry = catalogue.load().exercise(result.id)
    if not isinstance(entry, Exercise) or not entry.start or workspace.is_read_only:
        return result
    known = {entry.kind for entry in workspace.journal.entries(exercise=result.id)}
    if result.verdict is not Verdict.PASSED or known & {Kind.STARTED, Kind.ASSISTED, Kind.VERDICT}:
        return result
    note = f"Your API has it already. `lab run {result.id} --start` takes it out for you to write."
    return ExerciseResult(result.id, Verdict.NOT_STARTED, note=note)


def _noted(workspace: Workspace, result: ExerciseResult, drift: DriftMap | None) -> ExerciseResult:
    """Return the result with a note on what helps on, or on the workspace's own database."""
    if _shows_nothing(result) and not workspace.is_read_only:
        note = f"Not broken: `lab run {result.id}` breaks it, `lab show {result.id}` says how to."
        return replace(result, note=note)
    if result.verdict is not Verdict.PASSED:
        return result
    about_column = result.id.startswith("alter-") and concerns_column(result.id)
    if about_column and drift and drift.lacking and not workspace.is_read_only:
        note = f"Your own database was made before: its table lacks {', '.join(drift.lacking)}."
        remedy = BEFORE_UPGRADE if has_alembic(workspace.folder) else OLD_TABLE
        return replace(result, note=f"{note} {remedy}")
    return replace(result, note=_rows_kept(workspace)) if result.id == "fix-2" else result


def _rows_kept(workspace: Workspace) -> str:
    """Return how many of the rows that were there when break-2 was seen are there now."""
    now = ids(todo_rows(find(workspace.folder)))
    entry = workspace.journal.symptom_seen("break-2")
    before = entry.data.get("ids") if entry else None
    if before is None:
        return f"The table holds {len(now)} rows." if now else "The database holds no rows."
    if not before:
        return "There were no rows before, so none could be lost."
    if lost := len(set(before) - set(now)):
        return f"Rows from before that are gone: {lost} of {len(before)}."
    kept = "The row" if len(before) == 1 else f"All {len(before)} rows"
    return f"{kept} from before {'was' if len(before) == 1 else 'were'} kept."


def _write_down(workspace: Workspace, results: Sequence[ExerciseResult], *, overview: bool) -> None:
    """Write into the journal. An `overview` looks at exercises that nobody has begun, too."""
    journal = workspace.journal
    keep_passed(workspace, [result.id for result in results if _passed(result)])
    for result in results:
        if result.id.startswith("break-") and result.verdict is Verdict.PASSED:
            rows = todo_rows(find(workspace.folder))
            journal.append(Kind.SYMPTOM, result.id, by="verify", ids=ids(rows))
        failed = [check for check in result.checks if check.verdict is Verdict.FAILED]
        said: dict[str, object] = {"help": failed[0].help, "overview": overview} if failed else {}
        record_verdict(workspace, result.id, result, **said)


def record_verdict(workspace: Workspace, name: str, result: ExerciseResult, **more: object) -> None:
    """Write a verdict into the journal under that name, with the checks that have failed."""
    failed = [check.name for check in result.checks if check.verdict is Verdict.FAILED]
    workspace.journal.append(Kind.VERDICT, name, verdict=result.verdict, failed=failed, **more)
