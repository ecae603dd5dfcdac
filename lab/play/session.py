"""One session of one exercise: what is there, the change, what comes of it, bringing it back.

All of it happens on a copy. Until it is over the workspace is only read; what is kept is then
brought back at once, after a snapshot, so that a play that is interrupted anywhere has changed
nothing. The code is understood first, and only then is anybody asked anything.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import scenario as s
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
    chosen_variant,
    must_be_healthy,
    must_have_its_database,
    must_have_todos,
    nothing_to_mend,
    old_table,
)
from lab.play.prediction import Ask, Question
from lab.scenario.events import Chapter, Kept, Listener, NothingToDo, Said, Unexpected
from lab.scenario.observations import said, summary
from lab.workspace import databases
from lab.workspace.journal import Kind
from lab.workspace.store import Manifest, copy_tree
from lab.workspace.workspace import Workspace

Confirm = Callable[[str], bool]
Plan = s.WriteFiles | AlreadyThere | None  # what edits come to; None where there are none

CHAPTERS = {
    "persist": ("", "", "What happens"),
    "alter": ("Now", "The change", "And then"),
    "break": ("Before the change", "The change", "What happens now"),
    "fix": ("As it is now", "The fix", "After the fix"),
}


class NotAgreed(NotPossible):
    """The lab would do the learner's work, and nobody was there to agree."""


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
        with Server(stage, launcher, workspace.app, todos=workspace.todos) as server:
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


class _Session:
    """One exercise on one copy of one workspace; `clean` is a copy that no server touches."""

    def __init__(
        self,
        exercise: s.Exercise,
        workspace: Workspace,
        variant: s.Variant | None,
        interpreter: Interpreter,
        question: Question,
        clean: Path,
    ) -> None:
        self._exercise = exercise
        self._workspace = workspace
        self._variant = variant
        self._interpreter = interpreter
        self._tell = interpreter.tell
        self._question = question
        self._clean = clean
        self._result: Path | None = None  # a copy of what the workspace is to become
        self._has_done_it = False  # in the learner's place
        self._only_mends = False  # a database that no break of the course has damaged
        self._moves = variant is not None and s.MoveDatabase() in variant.steps
        # Whether what the learner is to write is taken out first, and whether that is all.
        last = workspace.journal.last_verdict(exercise.id)
        self._verdict = last.data.get("verdict") if last else None
        judged = self._verdict in (Verdict.PASSED, Verdict.FAILED)
        begun = judged or workspace.journal.entries(Kind.STARTED, exercise.id)
        self._only_begins = variant is not None and variant is exercise.start
        self._begins = exercise.start is not None and (self._only_begins or not begun)

    def play(self, confirm: Confirm | None) -> bool:
        """Play all of it, and return whether it came to an end that may be kept."""
        if self._is_moved():
            return False
        plan: Plan = None
        if self._exercise.kind == "alter":
            by_hand: ByHand | None = None
            try:
                plan = self._planned(self._exercise.start if self._begins else self._variant)
            except ByHand as error:  # it shows the answer, which is for those who want it
                by_hand = error
            done = isinstance(plan, AlreadyThere) and not self._begins
            if not done and not self._only_begins and not self._agreed(confirm):
                self._tell(NothingToDo("Nothing was changed. It is yours to do."))
                return False
            if by_hand:
                raise by_hand
        if self._begins:
            self._begin(plan)
            plan = None if self._only_begins else self._planned(self._variant)
        if self._only_begins:
            self._tell(Chapter(CHAPTERS["alter"][0]))
            self._part(self._exercise.before)
            return True
        return self._play_parts(plan)

    def _play_parts(self, plan: Plan) -> bool:
        """Play what is there, the change, and what comes of it."""
        exercise, variant = self._exercise, self._variant
        before, change, after = CHAPTERS[exercise.kind]
        done = isinstance(plan, AlreadyThere) and not self._moves
        if isinstance(plan, AlreadyThere) and done:
            # What the play would show and ask first is no longer so.
            self._tell(NothingToDo(f"{plan.message} Here is how it works."))
            change, after = "", "How it works"
        elif exercise.before:
            self._tell(Chapter(before))
            self._part(exercise.before)
            if not self._may_go_on():
                return False
            self._interpreter.next_part()
        if variant:
            plan = plan or self._planned(variant)
            if isinstance(plan, AlreadyThere) and not done and not variant.steps:
                raise self._nothing_left(plan)
        if not self._question.was_asked and not done:
            self._question.ask()
        if variant:
            self._change(variant, plan, change)
        self._tell(Chapter(after))
        self._part(exercise.after)
        return True

    def _is_moved(self) -> bool:
        """Say so where the database that the rows are to be moved to has some."""
        on_server = self._interpreter.on_server
        if not self._moves or not on_server or not (rows := on_server.rows_there()):
            return False
        todos = "1 todo" if rows == 1 else f"{rows} todos"
        self._tell(
            NothingToDo(
                f"Nothing was moved: {on_server.place} has {todos} already, and the lab mixes "
                "nothing with them. To see it, empty that database, or name an empty one."
            )
        )
        return True

    def _agreed(self, confirm: Confirm | None) -> bool:
        """Whether the lab may do it. Raises NotAgreed where nobody can be asked."""
        id, tried = self._exercise.id, {"passed", "failed"}
        verdicts = self._workspace.journal.entries(Kind.VERDICT, id)
        if any(entry.data.get("verdict") in tried for entry in verdicts):
            return True
        if confirm is None:
            raise NotAgreed(
                f"You have not tried {id} yet, and this would do it for you.",
                f"Try it first: `lab show {id}`; or say so: `lab run {id} --yes`.",
            )
        return confirm(f"You have not tried {id} yet. Shall the lab do it for you?")

    def _may_go_on(self) -> bool:
        """Whether what is there is what the exercise begins with; else say what is not.

        Raises NoTodos, AlreadyBroken.
        """
        exercise, interpreter = self._exercise, self._interpreter
        journal = self._workspace.journal
        must_have_todos(interpreter)
        if exercise.kind == "break":
            must_be_healthy(interpreter, journal)
        if not exercise.needed:
            return True
        if not exercise.needed(interpreter.seen):
            self._tell(nothing_to_mend(exercise, interpreter, journal))
            return False
        broken = f"break-{exercise.number}"
        if not journal.symptom_seen(broken):  # nobody has seen it: it was broken by hand, say
            if any(variant.edits or variant.undoes for variant in exercise.variants):
                self._write_symptom(broken)
            else:  # a file can be old, or gone, without that anybody has come to this exercise
                self._only_mends = True
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
            edits = (
                taking_back(variant.undoes, f"break-{self._exercise.number}", self._workspace),
            )
        try:
            return planned(self._interpreter.server.folder, edits)
        except AlreadyThere as there:
            return there
        except ByHand:
            if self._exercise.kind != "alter" or self._verdict != Verdict.PASSED:
                raise
            return AlreadyThere("You have written it, in your own way.", "Nothing is to be done.")

    def _begin(self, plan: Plan) -> None:
        """Take out what the learner is to write; nothing where it is not there anyway."""
        assert self._exercise.start
        if isinstance(plan, AlreadyThere):
            self._tell(NothingToDo(plan.message))
        else:
            self._change(self._exercise.start, plan, "The start")

    def _change(self, variant: s.Variant, plan: Plan, chapter: str) -> None:
        """Make the change. Without a chapter the sources have it, and only a database may not."""
        if chapter:
            self._tell(Chapter(chapter))
            self._tell(Said(variant.says))
        edited = [plan] if isinstance(plan, s.WriteFiles) else []
        if not isinstance(plan, AlreadyThere):  # else the learner has written it
            self._has_done_it = not (self._only_begins or self._only_mends or variant.only_starts)
        if self._interpreter.run([*edited, *variant.steps]):
            self._keep()
        elif chapter and isinstance(plan, AlreadyThere):
            raise self._nothing_left(plan)

    def _nothing_left(self, there: AlreadyThere) -> NotPossible:
        if self._exercise.kind != "break":
            return there
        return AlreadyBroken(
            f"Your workspace is broken that way already. {there.message}",
            f"Mend it first: `lab run fix-{self._exercise.number}`; or go back: `lab undo`.",
        )

    def _keep(self) -> None:
        """Keep the files as they are now: this is what the workspace is to become."""
        exercise = self._exercise
        if exercise.kind == "alter" or s.Clone() in (*exercise.before, *exercise.after):
            self._result = self._clean  # the todos that the play has made are for show
            return
        self._result = self._clean.with_name("result")
        copy_tree(self._interpreter.server.folder, self._result)
        for name in self._interpreter.made_folders:
            shutil.rmtree(self._result / name, ignore_errors=True)

    def _part(self, steps: tuple[s.Step, ...]) -> None:
        """Do the steps of one part, then compare it with what was predicted."""
        interpreter, journal = self._interpreter, self._workspace.journal
        interpreter.run(steps)
        if compared := self._question.compared(interpreter.seen, journal, self._exercise.id):
            self._tell(compared)

    # -- the end -----------------------------------------------------------------------------

    def finish(self, base: Manifest) -> None:
        """Bring the result into the workspace, where the play came to what it is for."""
        exercise, seen = self._exercise, self._interpreter.seen
        self._workspace.journal.append(Kind.OBSERVATION, exercise.id, seen=summary(seen))
        if unexpected := self._unexpected():
            self._tell(Unexpected(unexpected))
            return
        changed = self._bring_back(base) if self._result else False
        if self._begins:
            self._workspace.journal.append(Kind.STARTED, exercise.id)
        if self._only_begins:
            self._tell(next_steps.after_start(exercise.id))
            return
        if self._only_mends:
            self._tell(next_steps.after_mending(f"break-{exercise.number}"))
            return
        told = next_steps.after(exercise, changed=changed)
        if self._interpreter.on_server:
            told = next_steps.on_server(told, exercise, self._interpreter.server.app)
        self._tell(told)

    def _unexpected(self) -> str:
        """Return what the play came to instead; "" where it is as it should be."""
        exercise, seen = self._exercise, self._interpreter.seen
        stays = "Your workspace stays as it was."
        if exercise.symptom and not exercise.symptom(seen):
            return f"This app does not break that way: {summary(seen)}. {stays}"
        if exercise.mended and not exercise.mended(seen):
            return f"It is not mended: {summary(seen)}. {stays}"
        crashes = [exchange for exchange in seen.exchanges() if exchange.status >= 500]
        if exercise.kind != "break" and crashes and not exercise.mended:
            on_server = bool(self._interpreter.on_server)
            other = next_steps.another(exercise, self._variant, on_server=on_server)
            old = " ".join(("", *(old_table(self._interpreter) or ())))
            return f"It still fails: {said(crashes[0])}. {stays}{other}{old}"
        return ""

    def _bring_back(self, base: Manifest) -> bool:
        """Change the workspace, and return whether a file of it is another one now."""
        exercise, workspace, interpreter = self._exercise, self._workspace, self._interpreter
        assert self._result
        if interpreter.on_server and self._moves:
            # Before the workspace changes: where it fails, neither has changed.
            self._tell(interpreter.on_server.perform(interpreter.server, self._result))
        with workspace.locked(f"lab run {exercise.id}", changes=True):
            change = workspace.apply(self._result, base, f"before {exercise.id}", exercise.id)
        if exercise.symptom:
            self._write_symptom(exercise.id)
        elif self._variant and self._has_done_it:
            workspace.journal.append(Kind.ASSISTED, exercise.id, variant=self._variant.name)
        self._tell(Kept(change.changed, change.saved.id if change.saved else None))
        return bool(change.changed)

    def _write_symptom(self, broken: str) -> None:
        # What was there when it broke tells later whether a fix has kept it.
        rows = todo_rows(databases.find(self._workspace.folder))
        self._workspace.journal.append(Kind.SYMPTOM, broken, by="run", ids=ids(rows))
