"""The contract of a scenario: healthy before, its symptom after the change, healthy again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.codemods import AddNewColumn, apply_all, read_sources
from lab.course import catalogue, init
from lab.dbserver.provider import ServerDatabases
from lab.dbserver.url import Dialect
from lab.dev.jobs import Judge
from lab.dev.servers import needed, own_database
from lab.dev.trials import Outcome, Trial, placed
from lab.model import EditNotApplicable, ExerciseResult, LabError, Verdict
from lab.play.alterations import with_its_file
from lab.play.demo import demonstrate
from lab.play.preconditions import AlreadyBroken
from lab.play.session import play
from lab.scenario import (
    START,
    ChangeFolder,
    Deploy,
    DropConnections,
    Exercise,
    StartAtOnce,
    Variant,
)
from lab.scenario import events as e
from lab.workspace.temporary import scratch
from lab.workspace.workspace import Workspace

# What the reference does not stand either, since it is as most people write it: a start from
# another folder, which finds no todos, a deployment that throws its folder away, a database server
# that hangs up, and a second start at the same moment. Its own database, a file in its own folder,
# asks for neither an absolute path, nor a volume, nor a pool that tests connections; and the course
# starts one process.
OUTER = ChangeFolder | Deploy | DropConnections | StartAtOnce


@dataclass(frozen=True)
class Contract:
    """Play the exercises of one story on a new workspace, and judge it at every stage.

    Its database is a file, or `on` a server.
    """

    story: tuple[str, ...]  # the ids of exercises that are told together
    on: Dialect | None = None
    own: tuple[ExerciseResult, ...] = ()  # what the lab's own solutions have got there

    def run(self, judge: Judge) -> Outcome:
        """Return the trials at every stage, and what does not hold."""
        exercises = tuple(catalogue.load().playable(id) for id in self.story)
        try:
            with scratch("lab-dev-") as folder, own_database(self.on) as provider:
                stage = _Stage(folder, judge, provider, {each.id: each for each in self.own})
                try:
                    stage.tell(exercises)
                except LabError as error:
                    stage.problem(f"it stops with: {error.message}")
        except LabError as error:  # the database server is gone, say
            return Outcome(str(self), problems=(f"{self}: {error.message}",))
        return Outcome(str(self), tuple(stage.trials), tuple(stage.problems))

    def __str__(self) -> str:
        return f"the contract of {' and '.join(self.story)}{placed(self.on)}"


@dataclass(frozen=True)
class Showing:
    """Show a demo from its beginning to its end."""

    name: str

    def run(self, judge: Judge) -> Outcome:
        """No trial; a problem where the demo stops."""
        events: list[e.Event] = []
        try:
            demonstrate(catalogue.load().showing(self.name), judge.launcher, events.append)
        except LabError as error:
            return Outcome(str(self), problems=(f"{self}: it stops with: {error.message}",))
        surprises = [event.text for event in events if isinstance(event, e.Unexpected)]
        return Outcome(str(self), problems=tuple(f"{self}: {text}" for text in surprises))

    def __str__(self) -> str:
        return f"the demo {self.name}"


@dataclass
class _Stage:
    """Where one story is told, and what is found on the way."""

    folder: Path
    judge: Judge
    provider: ServerDatabases | None
    own: Mapping[str, ExerciseResult]
    trials: list[Trial] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _now: str = ""

    def problem(self, text: str) -> None:
        self.problems.append(f"{self._now}: {text}")

    def tell(self, exercises: Sequence[Exercise]) -> None:
        workspace = init.created(self.folder / "my-todos", self.judge.launcher)
        by_kind = {exercise.kind: exercise for exercise in exercises}
        for exercise in exercises:
            self._now = exercise.id
            match exercise.kind:
                case "persist":
                    self._lasting(exercise, workspace)
                case "claim":
                    self.play(exercise, workspace)
                case "alter" | "test":
                    self._alteration(exercise, workspace)
                case "break":
                    self._break(exercise, by_kind.get("fix"), workspace)
                case "fix":
                    self._fix(exercise, by_kind.get("break"), workspace)

    def _lasting(self, exercise: Exercise, workspace: Workspace) -> None:
        self.expect(exercise, workspace, "the start", Verdict.PASSED)
        before = _picture(workspace.folder)
        self.play(exercise, workspace)
        if _picture(workspace.folder) != before:
            self.problem("playing it changes the workspace")

    def _alteration(self, exercise: Exercise, workspace: Workspace) -> None:
        for id in exercise.includes:
            included = catalogue.load().playable(id)
            if included.kind == "alter":
                self.play(included, workspace)
        if exercise.start:
            self.play(exercise, workspace, START)
        self.expect(exercise, workspace, "the start", Verdict.FAILED)
        for variant in exercise.variants:
            self._answer(exercise, variant, workspace, "the model answer")

    def _break(self, exercise: Exercise, fix: Exercise | None, workspace: Workspace) -> None:
        steps = [step for variant in exercise.variants for step in variant.steps]
        inborn = any(isinstance(step, OUTER) for step in steps)
        whole, broken = Verdict.PASSED, Verdict.FAILED
        adds = catalogue.adds(exercise)  # what the fix judges is not there yet
        if fix is None:
            self.problem("no exercise mends what it breaks")
        else:
            self.expect(fix, workspace, "the start", broken if inborn or adds else whole)
        self.expect(exercise, workspace, "the start", whole if inborn else broken)
        for variant in () if inborn else exercise.variants:
            self.applies_once(variant, workspace)
        self.play(exercise, workspace)
        if not workspace.journal.symptom_seen(exercise.id):
            self.problem("its symptom does not show on the reference")
        self.expect(exercise, workspace, "the broken app", Verdict.PASSED)
        if fix is None or all(v.only_starts for v in fix.variants):
            return  # a start is enough to mend it, so it may be broken again
        self.expect(fix, workspace, "the broken app", Verdict.FAILED)
        if inborn:
            return
        try:
            self.play(exercise, self.copy(workspace, "broken-twice"))
        except AlreadyBroken:
            return
        self.problem("what is broken can be broken again")

    def _fix(self, exercise: Exercise, broken: Exercise | None, workspace: Workspace) -> None:
        if broken is None:
            self.problem("no exercise breaks what it mends")
            return
        for variant in exercise.variants or (None,):
            subject = f"the fix {variant.name if variant else ''}".strip()
            self._answer(exercise, variant, workspace, subject)

    def _answer(
        self, exercise: Exercise, variant: Variant | None, workspace: Workspace, subject: str
    ) -> None:
        """Play the lab's own answer on a copy, twice: it passes, and sees that it is done."""
        name = variant.name if variant else ""
        copy = self.copy(workspace, f"{exercise.id}-{name}")
        if variant and not exercise.moves:  # the reference takes its URL from the environment
            self.applies_once(variant, copy)
        self.play(exercise, copy, name)
        self.expect(exercise, copy, subject, Verdict.PASSED)
        again = self.play(exercise, copy, name)
        if not any(isinstance(event, e.NothingToDo) for event in again):
            self.problem("played twice, it does not see that it is done")

    def expect(
        self, exercise: Exercise, workspace: Workspace, subject: str, wanted: Verdict
    ) -> None:
        result = self.judge.judge(workspace, exercise.id, self.provider, self.own.get(exercise.id))
        where = placed(self.provider.url.dialect) if self.provider else ""
        self.trials.append(Trial(exercise.id, f"{subject}{where}", wanted, result))

    def play(self, exercise: Exercise, workspace: Workspace, variant: str = "") -> list[e.Event]:
        events: list[e.Event] = []
        play(
            exercise,
            workspace,
            self.judge.launcher,
            events.append,
            variant=variant or None,
            confirm=lambda question: True,
            provider=self.provider if needed(exercise) else None,
        )
        self.problems += [f"{exercise.id}: {text}" for text in _surprises(events)]
        return events

    def applies_once(self, variant: Variant, workspace: Workspace) -> None:
        """Note each edit that finds no place in the sources, or one more when it was done."""
        sources = read_sources(workspace.folder)
        for edit in variant.edits:
            name, edit = type(edit).__name__, with_its_file(edit, workspace.folder)
            try:
                changed = apply_all([edit], sources)
            except EditNotApplicable as error:
                self.problem(f"{name} does not apply: {error.message}")
                return
            sources = {**sources, **changed}
            if isinstance(edit, AddNewColumn):
                continue  # it adds another column each time: that is what it is for
            try:
                apply_all([edit], sources)
            except EditNotApplicable:
                continue
            self.problem(f"{name} applies more than once")

    def copy(self, workspace: Workspace, name: str) -> Workspace:
        target = self.folder / name
        shutil.copytree(workspace.folder, target)
        return Workspace.open(target)


def _surprises(events: Sequence[e.Event]) -> Iterator[str]:
    """Yield what a play on the reference must not come to."""
    mended = any(isinstance(event, e.NothingToDo) for event in events)
    for event in events:
        if isinstance(event, e.Unexpected):
            yield event.text
        elif isinstance(event, e.Predicted) and event.happened is None and not mended:
            yield f"none of the choices came true: {event.question}"


def _picture(folder: Path) -> dict[str, bytes]:
    """Return the learner's own files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".lab" not in path.relative_to(folder).parts
    }
