"""One play of one exercise on a stage, from what is there to what the workspace becomes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from lab import scenario as s
from lab.appserver.rows import ids, todo_rows
from lab.appserver.server import Server
from lab.codemods import apply_all, read_sources
from lab.model import AlreadyThere
from lab.play import next_steps
from lab.play.alterations import alter, repeat
from lab.play.interpreter import Runner
from lab.play.preconditions import (
    AlreadyBroken,
    must_be_healthy,
    must_have_todos,
    nothing_to_mend,
)
from lab.scenario.events import (
    Changed,
    Chapter,
    Compared,
    Event,
    Kept,
    NothingToDo,
    Said,
    Unexpected,
)
from lab.scenario.observations import said, summary
from lab.workspace import databases
from lab.workspace.journal import Kind
from lab.workspace.store import Manifest, copy_tree
from lab.workspace.workspace import Workspace

Ask = Callable[[s.Prediction], int | None]  # the index of a choice; None: no prediction

CLEAN = "clean"  # a copy of the workspace that no server touches
CHAPTERS = {
    "persist": ("", "", "What happens"),
    "alter": ("Now", "The change", "And then"),
    "break": ("First, the healthy app", "The change", "What happens now"),
    "fix": ("As it is now", "The fix", "After the fix"),
}


class Play:
    """One play of one exercise on one stage."""

    def __init__(
        self,
        exercise: s.Exercise,
        workspace: Workspace,
        variant: s.Variant | None,
        ask: Ask | None,
        server: Server,
        base: Manifest,
    ) -> None:
        self.exercise = exercise
        self.workspace = workspace
        self.variant = variant
        self.server = server
        self.base = base
        self.runner = Runner(server, predict=self._predict, leave=self._leave)
        self.result: Path | None = None  # a copy of what the workspace is to become
        self._files: set[str] = set()  # that the changes have written
        self._begun = False  # by taking out what the learner is to write
        self._ask = ask
        self._asked = False
        self._pending = False
        self._predicted: int | None = None

    def run(self) -> Iterator[Event]:
        """Play, and bring the result into the workspace."""
        exercise = self.exercise
        before, change, after = CHAPTERS[exercise.kind]
        if exercise.start and not self._was_begun():
            yield from self._begin(exercise.start)
        if self.variant and self.variant is exercise.start:
            yield Chapter(before)
            yield from self._part(exercise.before)
            yield from self._finish()
            return
        moves = self.variant is not None and s.MoveDatabase() in self.variant.steps
        on_server = self.runner.on_server
        if moves and on_server and (rows := on_server.rows_there()):
            todos = "1 todo" if rows == 1 else f"{rows} todos"
            yield NothingToDo(
                f"Nothing was moved: {on_server.place} has {todos} already, and the lab mixes "
                "nothing with them. To see it, empty that database, or name an empty one."
            )
            return
        there = self._already_there() if exercise.kind == "alter" and not moves else None
        if there:
            # What the play would show and ask first is no longer so.
            yield NothingToDo(f"{there.message} Here is how it works.")
        elif exercise.before:
            yield Chapter(before)
            yield from self._part(exercise.before)
            must_have_todos(self.runner)
            if exercise.kind == "break":
                must_be_healthy(self.runner, self.workspace.journal)
            if exercise.needed and not exercise.needed(self.runner.seen):
                yield nothing_to_mend(exercise, self.runner, self.workspace.journal)
                return
            if exercise.needed:
                self._symptom_was_seen()
            self.runner.next_part()
        if not self._asked and not there:
            self._predict()
        if self.variant:
            yield from self._change(self.variant, change, repair=there is not None)
        yield Chapter("How it works" if there else after)
        yield from self._part(exercise.after)
        yield from self._finish()

    def _was_begun(self) -> bool:
        """Whether an earlier play has taken out what the learner is to write."""
        known = self.workspace.journal.entries(Kind.STARTED, self.exercise.id)
        return bool(known) and self.variant is not self.exercise.start

    def _begin(self, start: s.Variant) -> Iterator[Event]:
        """Take out what the learner is to write; nothing where it is not there anyway."""
        yield Chapter("The start")
        yield Said(start.says)
        try:
            yield from self._made(start)
        except AlreadyThere as there:
            yield NothingToDo(there.message)
        self._begun = True

    def _made(self, variant: s.Variant) -> Iterator[Event]:
        """Make the changes of a variant, and remember which files they have written."""
        for event in alter(self.runner, variant):
            if isinstance(event, Changed):
                self._files.update(event.files)
            yield self.runner.note(event)
        self._leave()

    def _part(self, steps: tuple[s.Step, ...]) -> Iterator[Event]:
        """Run the steps of one part, then compare it with what was predicted."""
        yield from self.runner.run(steps)
        prediction = self.exercise.prediction
        if prediction and self._pending:
            self._pending = False
            yield self._compared(prediction)

    def _change(self, variant: s.Variant, chapter: str, *, repair: bool) -> Iterator[Event]:
        """Make the change. With `repair`, the sources have it and only a database may lack it."""
        if not repair:
            yield Chapter(chapter)
            yield Said(variant.says)
        try:
            yield from self._made(variant)
        except AlreadyThere as there:
            if self.exercise.kind == "break":
                raise AlreadyBroken(
                    f"Your workspace is broken that way already. {there.message}",
                    f"Mend it first: `lab run fix-{self.exercise.number}`; or go back: `lab undo`.",
                ) from there
            if not repair:
                raise

    def _already_there(self) -> AlreadyThere | None:
        """Why the alteration has nothing to change in the sources; None where it has.

        Raises EditNotApplicable where the sources are not understood, before anything is shown.
        """
        assert self.variant
        try:
            apply_all(self.variant.edits, read_sources(self.runner.server.folder))
        except AlreadyThere as there:
            return there
        return None

    def _leave(self) -> None:
        """Keep the files as they are now: this is what the workspace is to become."""
        stage = self.runner.server.folder
        cloned = s.Fresh() in (*self.exercise.before, *self.exercise.after)
        if self.variant and (cloned or self.exercise.kind == "alter"):
            # The todos that the play has made are for show.
            self.result = stage.with_name(CLEAN)
            repeat(self.runner, self.variant, self._files, self.result)
            return
        self.result = stage.with_name("result")
        if self.result.exists():
            shutil.rmtree(self.result)
        copy_tree(stage, self.result)
        for name in self.runner.made_folders:
            shutil.rmtree(self.result / name, ignore_errors=True)

    # -- prediction --------------------------------------------------------------------------

    def _predict(self) -> None:
        self._asked = True
        if self._ask and self.exercise.prediction:
            self._predicted = self._ask(self.exercise.prediction)
            self._pending = True

    def _compared(self, prediction: s.Prediction) -> Compared:
        seen, texts = self.runner.seen, prediction.texts
        happened = prediction.happened(seen)
        compared = Compared(prediction.question, texts, self._predicted, happened, prediction.why)
        if self._predicted is not None:
            self.workspace.journal.append(
                Kind.PREDICTION,
                self.exercise.id,
                question=prediction.question,
                predicted=texts[self._predicted],
                happened=None if happened is None else texts[happened],
                right=compared.right,
            )
        return compared

    # -- before and after --------------------------------------------------------------------

    def _symptom_was_seen(self) -> None:
        """Write down what the fix has just seen, where nobody has: it was broken by hand, say."""
        broken = f"break-{self.exercise.number}"
        if not self.workspace.journal.symptom_seen(broken):
            self._write_symptom(broken)

    def _write_symptom(self, broken: str) -> None:
        # What was there when it broke tells later whether a fix has kept it.
        rows = todo_rows(databases.find(self.workspace.folder))
        self.workspace.journal.append(Kind.SYMPTOM, broken, by="run", ids=ids(rows))

    def _finish(self) -> Iterator[Event]:
        exercise, seen, journal = self.exercise, self.runner.seen, self.workspace.journal
        journal.append(Kind.OBSERVATION, exercise.id, seen=summary(seen))
        crashes = [exchange for exchange in seen.exchanges() if exchange.status >= 500]
        if exercise.symptom and not exercise.symptom(seen):
            yield Unexpected(
                f"This app does not break that way: {summary(seen)}. "
                "Your workspace stays as it was."
            )
            return
        if exercise.mended and not exercise.mended(seen):
            yield Unexpected(f"It is not mended: {summary(seen)}. Your workspace stays as it was.")
            return
        if exercise.kind != "break" and crashes and not exercise.mended:
            other = next_steps.another(
                exercise, self.variant, on_server=bool(self.runner.on_server)
            )
            why = f"It still fails: {said(crashes[0])}."
            yield Unexpected(f"{why} Your workspace stays as it was.{other}")
            return
        changed = False
        if self.result:
            if self.runner.on_server and self.variant and s.MoveDatabase() in self.variant.steps:
                # Before the workspace changes: where it fails, neither has changed.
                yield self.runner.on_server.perform(self.server, self.result)
            with self.workspace.locked(f"lab run {exercise.id}"):
                change = self.workspace.apply(
                    self.result, self.base, f"before {exercise.id}", exercise.id
                )
            if exercise.symptom:
                self._write_symptom(exercise.id)
            elif self.variant and self.variant is not exercise.start:
                journal.append(Kind.ASSISTED, exercise.id, variant=self.variant.name)
            changed = bool(change.changed)
            yield Kept(change.changed, change.saved.id if change.saved else None)
        if self._begun:
            journal.append(Kind.STARTED, exercise.id)
        if self.variant and self.variant is exercise.start:
            yield next_steps.after_start(exercise.id)
        else:
            told = next_steps.after(exercise, changed=changed)
            if self.runner.on_server:
                told = next_steps.on_server(told, exercise, self.server.app)
            yield told
