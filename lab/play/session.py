"""One session of one exercise: what is there, the change, what comes of it, bringing it back.

All of it happens on a copy. Until it is over the workspace is only read; what is kept is then
brought back at once, after a snapshot, so that a play that is interrupted anywhere has changed
nothing. The code is understood first, and only then is anybody asked anything.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import scenario as s
from lab.appserver.discovery.adopted import resource_of
from lab.appserver.launchers import Launcher
from lab.appserver.rows import ids, todo_rows
from lab.appserver.server import Server
from lab.dbserver.provider import ServerDatabases
from lab.model import AlreadyThere, ByHand, NotPossible, Verdict
from lab.optional_dependencies import missing
from lab.play import claims, next_steps
from lab.play.alterations import planned, taking_back
from lab.play.interpreter import Interpreter
from lab.play.on_dbserver import OnServer
from lab.play.preconditions import (
    AlreadyBroken,
    Confirm,
    agreed,
    chosen_variant,
    must_be_healthy,
    must_have_its_database,
    must_have_todos,
    nothing_to_mend,
    old_table,
    rows_in_the_way,
)
from lab.play.prediction import Ask, Question
from lab.scenario.events import Chapter, Kept, Listener, NothingToDo, Said, Unexpected
from lab.scenario.observations import said, summary
from lab.workspace import databases
from lab.workspace.journal import Kind
from lab.workspace.store import Manifest, copy_tree
from lab.workspace.workspace import Workspace

Plan = s.WriteFiles | AlreadyThere | None  # what edits come to; None where there are none

CHAPTERS = {
    "persist": ("", "", "What happens"),
    "alter": ("Now", "The change", "And then"),
    "break": ("Before the change", "The change", "What happens now"),
    "fix": ("As it is now", "The fix", "After the fix"),
    "test": ("A first try", "The test", "What it sees"),
}


def play(
    exercise: s.Exercise,
    workspace: Workspace,
    launcher: Launcher,
    listen: Listener,
    *,
    variant: str | None = None,
    ask: Ask | None = None,
    confirm: Confirm | None = None,
    provider: ServerDatabases | None = None,
) -> None:
    """Play an exercise, tell what happens, and bring its result into the workspace.

    `ask` returns the learner's choice, or None where they have none; without it nothing is asked.
    `confirm` is asked before the lab does an alteration that the learner has not tried.
    A `provider` has the server for an exercise that is about one.
    Raises UsageError for an unknown variant or a missing server, AlreadyBroken, NotAgreed,
    EditNotApplicable, AppFailed, what a Workspace raises and what the listener does; the
    workspace is then as it was.
    """
    chosen = chosen_variant(exercise, variant)
    must_have_its_database(exercise, provider)
    if lacks := missing(exercise.needs):
        raise lacks
    if exercise.kind not in ("persist", "claim"):
        _ = workspace.snapshots  # raises where nothing may be changed, before anything is shown
    listen(Chapter(f"{exercise.id}: {exercise.title}"))
    listen(Said(exercise.task))
    if exercise.kind == "claim":
        claims.settle(exercise, workspace, launcher, listen, ask)
        return
    with TemporaryDirectory(prefix="lab-") as temporary:
        stage, clean = Path(temporary) / "stage", Path(temporary) / "clean"
        changes = exercise.kind != "persist"
        with workspace.locked(f"lab run {exercise.id}", changes=changes) as held:
            notices = held.notices
            copied = workspace.stage(stage)
        copy_tree(stage, clean)
        for notice in (*notices, *copied.notices):
            listen(Said(notice))
        with Server(stage, launcher, workspace.app) as server:
            server.resource = resource_of(workspace, launcher)
            on_server = OnServer(provider, launcher) if provider else None
            if on_server and chosen and s.MoveDatabase() not in chosen.steps:
                on_server.use_new_database(server)
            question = Question(exercise.prediction, ask)
            interpreter = Interpreter(
                server, listen, copy=clean, predict=question.ask, on_server=on_server
            )
            session = _Session(exercise, workspace, chosen, interpreter, question, clean)
            if session.play(confirm):
                session.finish(copied.manifest)


@dataclass
class _Session:
    """One exercise on one copy of one workspace; `clean` is a copy that no server touches."""

    exercise: s.Exercise
    workspace: Workspace
    variant: s.Variant | None
    interpreter: Interpreter
    question: Question
    clean: Path
    result: Path | None = None  # a copy of what the workspace is to become
    has_done_it: bool = False  # in the learner's place
    only_mends: bool = False  # a database that no break of the course has damaged

    @property
    def moves(self) -> bool:
        """Whether the rows of the files move to a database server."""
        return self.variant is not None and s.MoveDatabase() in self.variant.steps

    @property
    def only_begins(self) -> bool:
        """Whether nothing happens but that what the learner is to write is taken out."""
        return self.variant is not None and self.variant is self.exercise.start

    @cached_property
    def begins(self) -> bool:
        """Whether what the learner is to write is taken out first."""
        judged = self.verdict in (Verdict.PASSED, Verdict.FAILED)
        begun = judged or self.workspace.journal.entries(Kind.STARTED, self.exercise.id)
        return self.exercise.start is not None and (self.only_begins or not begun)

    @property
    def verdict(self) -> Verdict | None:
        """The latest verdict on the exercise."""
        last = self.workspace.journal.last_verdict(self.exercise.id)
        return last.data.get("verdict") if last else None

    def play(self, confirm: Confirm | None) -> bool:
        """Play all of it, and return whether it came to an end that may be kept."""
        if self.moves and (in_the_way := rows_in_the_way(self.interpreter)):
            self.interpreter.tell(in_the_way)
            return False
        plan: Plan = None
        if self.exercise.is_written:
            by_hand: ByHand | None = None
            try:
                plan = self._planned(self.exercise.start if self.begins else self.variant)
            except ByHand as error:  # it shows the answer, which is for those who want it
                by_hand = error
            done = isinstance(plan, AlreadyThere) and not self.begins
            if (
                not done
                and not self.only_begins
                and not agreed(self.exercise, self.workspace.journal, confirm)
            ):
                self.interpreter.tell(NothingToDo("Nothing was changed. It is yours to do."))
                return False
            if by_hand:
                raise by_hand
        if self.begins:
            self._begin(plan)
            plan = None if self.only_begins else self._planned(self.variant)
        if self.only_begins:
            self.interpreter.tell(Chapter(CHAPTERS["alter"][0]))
            self._part(self.exercise.before)
            return True
        return self._play_parts(plan)

    def _play_parts(self, plan: Plan) -> bool:
        """Play what is there, the change, and what comes of it."""
        exercise, variant = self.exercise, self.variant
        before, change, after = CHAPTERS[exercise.kind]
        done = isinstance(plan, AlreadyThere) and not self.moves
        if isinstance(plan, AlreadyThere) and done:
            # What the play would show and ask first is no longer so.
            self.interpreter.tell(NothingToDo(f"{plan.message} Here is how it works."))
            change, after = "", "How it works"
        elif exercise.before:
            self.interpreter.tell(Chapter(before))
            self._part(exercise.before)
            if not self._may_go_on():
                return False
            self.interpreter.next_part()
        if variant:
            plan = plan or self._planned(variant)
            if isinstance(plan, AlreadyThere) and not done and not variant.steps:
                raise self._nothing_left(plan)
        if not self.question.was_asked and not done:
            self.question.ask()
        if variant:
            self._change(variant, plan, change)
        self.interpreter.tell(Chapter(after))
        self._part(exercise.after)
        return True

    def _may_go_on(self) -> bool:
        """Whether what is there is what the exercise begins with; else say what is not.

        Raises NoTodos, AlreadyBroken.
        """
        exercise, interpreter = self.exercise, self.interpreter
        journal = self.workspace.journal
        must_have_todos(interpreter)
        if exercise.kind == "break":
            must_be_healthy(interpreter, journal)
        if not exercise.needed:
            return True
        if not exercise.needed(interpreter.seen):
            self.interpreter.tell(nothing_to_mend(exercise, interpreter, journal))
            return False
        broken = f"break-{exercise.number}"
        if not journal.symptom_seen(broken):  # nobody has seen it: it was broken by hand, say
            if any(variant.edits or variant.undoes for variant in exercise.variants):
                self._write_symptom(broken)
            else:  # a file can be old, or gone, without that anybody has come to this exercise
                self.only_mends = True
        return True

    # -- the change --------------------------------------------------------------------------

    def _planned(self, variant: s.Variant | None) -> Plan:
        """Return what writes the edits, or why there is nothing to write.

        Raises EditNotApplicable where the sources are not understood, ByHand where they are another
        than the lab's and the exercise has not passed on them.
        """
        if not variant or not (variant.edits or variant.undoes):
            return None
        edits = variant.edits
        if variant.undoes:
            edits = (taking_back(variant.undoes, f"break-{self.exercise.number}", self.workspace),)
        try:
            return planned(self.interpreter.server.folder, edits)
        except AlreadyThere as there:
            return there
        except ByHand:
            if not self.exercise.is_written or self.verdict != Verdict.PASSED:
                raise
            return AlreadyThere("You have written it, in your own way.", "Nothing is to be done.")

    def _begin(self, plan: Plan) -> None:
        """Take out what the learner is to write; nothing where it is not there anyway."""
        assert self.exercise.start
        if isinstance(plan, AlreadyThere):
            self.interpreter.tell(NothingToDo(plan.message))
        else:
            self._change(self.exercise.start, plan, "The start")

    def _change(self, variant: s.Variant, plan: Plan, chapter: str) -> None:
        """Make the change. Without a chapter the sources have it, and only a database may not."""
        if chapter:
            self.interpreter.tell(Chapter(chapter))
            self.interpreter.tell(Said(variant.says))
        edited = [plan] if isinstance(plan, s.WriteFiles) else []
        if not isinstance(plan, AlreadyThere):  # else the learner has written it
            self.has_done_it = not (self.only_begins or self.only_mends or variant.only_starts)
        if self.interpreter.run([*edited, *variant.steps]):
            self._keep()
        elif chapter and isinstance(plan, AlreadyThere):
            raise self._nothing_left(plan)

    def _nothing_left(self, there: AlreadyThere) -> NotPossible:
        if self.exercise.kind != "break":
            return there
        return AlreadyBroken(
            f"Your workspace is broken that way already. {there.message}",
            f"Mend it first: `lab run fix-{self.exercise.number}`; or go back: `lab undo`.",
        )

    def _keep(self) -> None:
        """Keep the files as they are now: this is what the workspace is to become."""
        exercise = self.exercise
        steps = (*exercise.before, *exercise.after)
        if exercise.is_written or s.Clone() in steps or s.Deploy() in steps:
            self.result = self.clean  # the todos that the play has made are for show
            return
        self.result = self.clean.with_name("result")
        copy_tree(self.interpreter.server.folder, self.result)
        for name in self.interpreter.made_folders:
            shutil.rmtree(self.result / name, ignore_errors=True)

    def _part(self, steps: tuple[s.Step, ...]) -> None:
        """Do the steps of one part, then compare it with what was predicted."""
        interpreter, journal = self.interpreter, self.workspace.journal
        interpreter.run(steps)
        if compared := self.question.compared(interpreter.seen, journal, self.exercise.id):
            self.interpreter.tell(compared)

    # -- the end -----------------------------------------------------------------------------

    def finish(self, base: Manifest) -> None:
        """Bring the result into the workspace, where the play came to what it is for."""
        exercise, seen = self.exercise, self.interpreter.seen
        self.workspace.journal.append(Kind.OBSERVATION, exercise.id, seen=summary(seen))
        if unexpected := self._unexpected():
            self.interpreter.tell(Unexpected(unexpected))
            return
        changed = self._bring_back(base) if self.result else False
        if self.begins:
            self.workspace.journal.append(Kind.STARTED, exercise.id)
        if self.only_begins:
            self.interpreter.tell(next_steps.after_start(exercise.id))
            return
        if self.only_mends:
            self.interpreter.tell(next_steps.after_mending(f"break-{exercise.number}"))
            return
        told = next_steps.after(exercise, changed=changed)
        if self.interpreter.on_server:
            told = next_steps.on_server(told, exercise, self.interpreter.server.app)
        self.interpreter.tell(told)

    def _unexpected(self) -> str:
        """Return what the play came to instead; "" where it is as it should be."""
        exercise, seen = self.exercise, self.interpreter.seen
        stays = "Your workspace stays as it was."
        if exercise.symptom and not exercise.symptom(seen):
            return f"This app does not break that way: {summary(seen)}. {stays}"
        if exercise.mended and not exercise.mended(seen):
            return f"It is not mended: {summary(seen)}. {stays}"
        crashes = [exchange for exchange in seen.exchanges() if exchange.status >= 500]
        if exercise.kind != "break" and crashes and not exercise.mended:
            on_server = bool(self.interpreter.on_server)
            other = next_steps.another(exercise, self.variant, on_server=on_server)
            old = " ".join(("", *(old_table(self.interpreter) or ())))
            return f"It still fails: {said(crashes[0])}. {stays}{other}{old}"
        return ""

    def _bring_back(self, base: Manifest) -> bool:
        """Change the workspace, and return whether a file of it is another one now."""
        exercise, workspace, interpreter = self.exercise, self.workspace, self.interpreter
        assert self.result
        if interpreter.on_server and self.moves:
            # Before the workspace changes: where it fails, neither has changed.
            self.interpreter.tell(interpreter.on_server.perform(interpreter.server, self.result))
        with workspace.locked(f"lab run {exercise.id}", changes=True):
            change = workspace.apply(self.result, base, f"before {exercise.id}", exercise.id)
        if exercise.symptom:
            self._write_symptom(exercise.id)
        elif self.variant and self.has_done_it:
            workspace.journal.append(Kind.ASSISTED, exercise.id, variant=self.variant.name)
        self.interpreter.tell(Kept(change.changed, change.saved.id if change.saved else None))
        return bool(change.changed)

    def _write_symptom(self, broken: str) -> None:
        # What was there when it broke tells later whether a fix has kept it.
        rows = todo_rows(databases.find(self.workspace.folder))
        self.workspace.journal.append(Kind.SYMPTOM, broken, by="run", ids=ids(rows))
