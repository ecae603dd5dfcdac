"""Judges one submission at a time, in a process behind the wall: `python -m lab.grade.judge`.

Each job comes as a line of JSON on standard input, its outcome goes as one to standard output.
When the input ends, the one who asked has gone, and this process ends with all that it started.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue

from pydantic import TypeAdapter

from lab.appserver.database_provider import FileDatabases
from lab.appserver.launchers import ForkLauncher, Launcher, Process, choose
from lab.appserver.spec import Spec
from lab.child.confine import temporary_of
from lab.course import catalogue
from lab.grade.archives import BadArchive, project_of
from lab.grade.outcome import Outcome, Prediction, Status, to_line
from lab.model import (
    CheckResult,
    ExerciseResult,
    LabError,
    NoApp,
    NotApplicable,
    Unreadable,
    Verdict,
)
from lab.quiz.verdicts import judge_explanations
from lab.scenario import Exercise
from lab.texts import with_texts
from lab.verify.checks import Check, of_exercise
from lab.verify.preflight import Boot
from lab.verify.reference import solution
from lab.verify.runner import judge, overall, run
from lab.verify.staged_server import StagedServers
from lab.workspace import files, temporary
from lab.workspace.journal import Journal, Kind
from lab.workspace.workspace import STATE, Workspace

TEXT = 4_000  # characters of one text in an outcome
MEMORY_BYTES = 4_000_000_000  # of addresses, for this process
STACK_BYTES = 1 << 22  # of a thread: hundreds of clients at one instant are one each
NOT_DUMPABLE = 4
SYNTAX_ERRORS = ("SyntaxError", "IndentationError", "TabError")


@dataclass(frozen=True)
class Job:
    """What a judge is asked for."""

    submission: str
    source: str  # the archive; "": the lab's own solutions, to try the machine
    exercises: tuple[str, ...]
    digest: str = ""
    called: str = ""  # what a person calls the archive
    app: str | None = None
    confined: bool = True
    processes: int = 0  # and threads that it may have, with all servers; 0: as many as it likes
    broken: tuple[str, ...] = ()  # checks that the lab's own solution fails on this machine, too


_JOB = TypeAdapter(Job)


def job_line(job: Job) -> bytes:
    """Return the job as the line that main() reads."""
    return _JOB.dump_json(job) + b"\n"


@dataclass(frozen=True)
class Confining:
    """A launcher whose servers confine themselves to their folders."""

    launcher: Launcher

    def launch(self, spec: Spec) -> Process:
        """Start one server process."""
        left = temporary_of(Path(spec.folder))
        if left.exists():
            temporary.remove(left)
        return self.launcher.launch(replace(spec, confined=True))

    def close(self) -> None:
        """Give back what the launcher holds."""
        self.launcher.close()


def outcome_of(job: Job, launcher: Launcher) -> Outcome:
    """Judge a submission. Raises LabError where the machine does not let it be judged."""
    with temporary.scratch("lab-submission-") as place:
        plain = Outcome(job.submission, job.digest, Status.JUDGED, app=job.app)
        if not job.source:
            return replace(plain, exercises=tuple(_own(id, launcher) for id in _run(job)))
        try:
            folder = project_of(Path(job.source), place, job.called)
            holds = files.walk(folder)
        except (BadArchive, Unreadable) as error:
            return replace(plain, status=Status.UNREADABLE, says=error.message)
        if not any(path.endswith(".py") for path in holds.files):
            what = "no Python file" if holds.files else "nothing"
            return replace(plain, status=Status.EMPTY, says=f"There is {what} in it.")
        return _judged(job, plain, folder, launcher)


def _judged(job: Job, plain: Outcome, folder: Path, launcher: Launcher) -> Outcome:
    run_ones = _run(job)
    boot, judged = judge(
        Workspace.read_only(folder, job.app),
        run_ones,
        launcher,
        control=_control(frozenset(job.broken)),
    )
    told = self_reported(folder, [id for id in job.exercises if id not in run_ones])
    found = {result.id: result for result in (*judged, *told)}
    status, says = _standing(boot)
    if any(result.verdict is Verdict.ERROR for result in judged):
        status = Status.ERROR
        says = next(c.actual or "" for r in judged for c in r.checks if c.verdict is Verdict.ERROR)
    return replace(
        plain,
        status=status,
        says=says,
        app=boot.app,
        exercises=tuple(found[id] for id in job.exercises),
        predictions=predictions(folder),
    )


def _run(job: Job) -> list[str]:
    """Return the exercises that are judged by running the app."""
    return [id for id in job.exercises if isinstance(catalogue.exercise(id), Exercise)]


def _standing(boot: Boot) -> tuple[Status, str]:
    match boot.failure:
        case None:
            return Status.JUDGED, ""
        case NotApplicable() as failure:
            says = f"Looked for {failure.looked_for}, and found: {failure.found}"
            return Status.NOT_APPLICABLE, says
        case NoApp() as failure:
            return Status.NO_APP, failure.message
        case failure if failure.crash and failure.crash.kind in SYNTAX_ERRORS:
            return Status.SYNTAX_ERROR, failure.message
        case failure:
            return Status.DOES_NOT_START, failure.message


def _control(
    broken: frozenset[str],
) -> Callable[[str, Sequence[Check]], Mapping[Check, CheckResult]]:
    """Return what says that a check passes on the lab's own solution, as was tried beforehand."""

    def control(exercise: str, failed: Sequence[Check]) -> Mapping[Check, CheckResult]:
        passed = (check for check in failed if named(exercise, check.name) not in broken)
        return {check: CheckResult(check.name, check.says, Verdict.PASSED) for check in passed}

    return control


def named(exercise: str, check: str) -> str:
    """Return the name of a check among those of all exercises."""
    return f"{exercise}/{check}"


def _own(exercise: str, launcher: Launcher) -> ExerciseResult:
    """Judge the lab's own solution of an exercise."""
    with temporary.scratch("lab-control-") as place:
        workspace = solution(exercise, place / "reference", launcher)
        servers = StagedServers(workspace, launcher, FileDatabases())
        _, found = run(of_exercise(exercise), servers)
    return ExerciseResult(exercise, overall(found.values()), tuple(found.values()))


def self_reported(folder: Path, ids: Sequence[str]) -> list[ExerciseResult]:
    """Return what the learner's own journal and answers say of the explain exercises."""
    if not ids:
        return []
    has_journal = (folder / STATE).is_dir() and not (folder / STATE).is_symlink()
    workspace = Workspace(folder, is_read_only=not has_journal)
    try:
        return judge_explanations(workspace, ids)
    except LabError as error:  # theirs cannot be read: that is no fault of this machine
        return [ExerciseResult(id, Verdict.NOT_STARTED, note=error.message) for id in ids]


def predictions(folder: Path) -> tuple[Prediction, ...]:
    """Return the first prediction for each exercise, by the learner's own journal."""
    path = folder / STATE / "journal.jsonl"
    if not path.is_file():
        return ()
    known = catalogue.exercises(everything=True)
    found: dict[str, Prediction] = {}
    with suppress(LabError):  # a link, or a file that may not be read: it tells nothing
        for entry in Journal(path).entries(Kind.PREDICTION):
            # A forged journal may name any number of others: they would be the longest answer.
            if not entry.exercise or entry.exercise in found or entry.exercise not in known:
                continue
            match entry.data:
                case {"predicted": str(said), "right": bool(right)}:
                    found[entry.exercise] = Prediction(entry.exercise, said[:TEXT], right)
    return tuple(found.values())


def clipped(outcome: Outcome) -> Outcome:
    """Return the outcome with no text longer than a person would read."""
    shorter: Outcome = with_texts(outcome, lambda text: text[:TEXT])
    return shorter


def _jobs(launcher: Launcher) -> Iterator[Job]:
    """Yield the jobs that come on standard input.

    As soon as that ends, this process ends with its servers, in the middle of a job or not.
    """
    waiting: SimpleQueue[Job] = SimpleQueue()

    def listen() -> None:
        with suppress(OSError):
            while line := sys.stdin.buffer.readline():
                waiting.put(_JOB.validate_json(line))
        launcher.close()
        os._exit(0)

    threading.Thread(target=listen, name="lab-judge-jobs", daemon=True).start()
    while True:
        yield waiting.get()


def _out_of_reach() -> int:
    """Let no other process look into this one. Returns the handle that the outcome goes to."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(NOT_DUMPABLE, 0, 0, 0, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    outcomes = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):  # what servers are forked from has them, too
        os.dup2(nothing, number)
    return outcomes


def _limit(what: int, most: int) -> None:
    """Let this process, and all that it starts, have no more of something."""
    hard = resource.getrlimit(what)[1]
    if hard == resource.RLIM_INFINITY or hard > most:
        with suppress(ValueError):  # macOS refuses some
            resource.setrlimit(what, (most, most))


def main() -> None:
    """Judge each job that comes, and write its outcome."""
    outcomes = _out_of_reach()
    threading.stack_size(STACK_BYTES)
    with closing(choose()) as plain:
        for job in _jobs(plain):
            if job.processes:
                _limit(resource.RLIMIT_NPROC, job.processes)
            outcome = _outcome(job, Confining(plain) if job.confined else plain)
            if outcome.status is Status.ERROR and isinstance(plain, ForkLauncher) and plain.ended:
                if job.confined:
                    os._exit(1)  # another judge is asked: no submission can have done it
                says = "It has ended the process that its servers are started from."
                outcome = replace(outcome, status=Status.STOPPED, says=says, exercises=())
            line = to_line(clipped(outcome))
            while line:
                line = line[os.write(outcomes, line) :]


def _outcome(job: Job, launcher: Launcher) -> Outcome:
    try:
        return outcome_of(job, launcher)
    except LabError as error:
        return _failed(job, error.message)
    except Exception as error:  # noqa: BLE001
        # A defect of the lab: of this submission alone, and never the learner's.
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        return _failed(job, f"{type(error).__name__}: {error} ({where})")


def _failed(job: Job, says: str) -> Outcome:
    return Outcome(job.submission, job.digest, Status.ERROR, says)


if __name__ == "__main__":
    main()
