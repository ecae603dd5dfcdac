"""The learner's folder: found, locked, staged, changed and put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from lab import regular_files
from lab.model import CannotWrite, NotPossible, NoWorkspace, UsageError
from lab.unified_diff import unified_diff
from lab.workspace import files, lock, settings
from lab.workspace.files import writing
from lab.workspace.journal import Journal, Kind
from lab.workspace.resource import TODOS, Resource
from lab.workspace.snapshots import ANSWERS, START, Change, Snapshots
from lab.workspace.store import Copied, Manifest, capture, copy_tree
from lab.workspace.transaction import between, changed_meanwhile, must_fit

STATE = ".lab"
DEFAULT = "my-todos"


@dataclass(frozen=True)
class Workspace:
    """A learner's folder. Of a read-only one the `.lab/` is not looked at, nor anything written."""

    folder: Path
    app: str | None = None  # "module:attribute"; None where nobody has said it
    todos: str = TODOS  # the path of the app's todos
    is_read_only: bool = False
    notices: tuple[str, ...] = ()

    @classmethod
    def read_only(cls, folder: Path, app: str | None = None) -> Workspace:
        """Return a folder that is only looked at. Raises UsageError for a malformed app."""
        return cls(folder, settings.checked_app(app), is_read_only=True)

    @classmethod
    def open(cls, folder: Path) -> Workspace:
        """Return the workspace in a folder that has a `.lab/`.

        Settings that cannot be read are set aside, with a notice, and the defaults used.
        Raises LinkRefused where the `.lab/` is a link, and as settings.read() does.
        """
        if regular_files.is_link(folder / STATE):
            raise regular_files.refused(folder / STATE)
        kept, notices = settings.read(folder)
        return cls(folder, kept.app, kept.todos, notices=notices)

    @property
    def resource(self) -> Resource:
        """Where the app has what the exercises call /todos."""
        return Resource.at(self.todos)

    @property
    def journal(self) -> Journal:
        """The journal; one that keeps nothing for a read-only folder."""
        return Journal(None if self.is_read_only else self.folder / STATE / "journal.jsonl")

    @property
    def snapshots(self) -> Snapshots:
        """The snapshots. Raises NotPossible for a read-only folder."""
        if self.is_read_only:
            raise NotPossible(
                f"{self.folder} is only looked at here, so the lab changes nothing in it.",
                "To change something, make a workspace of it: "
                f"`lab init --from {self.folder} --app {self.app or 'main:app'}`.",
            )
        return Snapshots(self.folder)

    @contextmanager
    def locked(
        self, command: str, wait: float = 3.0, *, changes: bool = False
    ) -> Iterator[Workspace]:
        """Hold the workspace while the block runs, and finish first what a killed command left.

        Waits up to `wait` seconds. Gives the workspace, with notices of what was finished. A
        read-only folder is not locked. With `changes`, the block may replace what is in the
        folder, and must not while that is served. Raises WorkspaceBusy, CannotWrite, LinkRefused.
        """
        if self.is_read_only:
            yield self
            return
        served = lock.held(self.folder, command, wait, lock.SERVED) if changes else nullcontext()
        with lock.held(self.folder, command, wait), served:
            yield replace(self, notices=self.notices + self.snapshots.recover())

    @contextmanager
    def served(self, command: str, wait: float = 3.0) -> Iterator[Workspace]:
        """Keep out what would change the folder while the block runs; what judges a copy goes on.

        A server that has a database open would write on into the one that was replaced. Gives
        and raises what locked() does, and NotPossible for a read-only folder.
        """
        _ = self.snapshots  # raises for a read-only folder: a served app writes into it
        with self.locked(command, wait, changes=True) as held:
            pass
        with lock.held(self.folder, command, wait, lock.SERVED):
            yield held

    def with_app(self, app: str | None) -> Workspace:
        """Return the workspace with another app for this command. Raises UsageError."""
        return replace(self, app=settings.checked_app(app)) if app else self

    def with_todos(self, path: str | None) -> Workspace:
        """Return the workspace with its todos elsewhere, for this command. Raises UsageError."""
        return replace(self, todos=settings.checked_todos(path) or self.todos)

    def stage(self, into: Path, *, databases: bool = True) -> Copied:
        """Copy sources and databases into a new or empty folder to run in.

        Returns the manifest of what was copied, the base for apply(), and notices of what was
        left out. Raises Unreadable, DatabaseLocked, CannotWrite.
        """
        with writing(into):
            return copy_tree(self.folder, into, databases)

    def apply(
        self,
        stage: Path,
        base: Manifest,
        reason: str,
        exercise: str | None = None,
    ) -> Change:
        """Bring what was changed in a stage into the workspace, after taking a snapshot.

        Returns the changed paths and the snapshot. Raises ChangedMeanwhile where the learner saved
        a source or a file that this would change, NotPossible, DatabaseLocked, CannotWrite; nothing
        is changed then. Needs the lock.
        """
        snapshots = self.snapshots
        if capture(stage) == base:
            return Change()
        present = snapshots.store(self.folder)
        after = snapshots.store(stage).contents
        before = base.contents
        steps = between(before, after)
        must_fit(self.folder, steps, present)
        touched = {step.path for step in steps}
        for path in sorted({*present.contents, *before}):
            matters = path in touched or path.endswith(".py")
            is_link = (self.folder / path).is_symlink()
            if matters and not is_link and present.contents.get(path) != before.get(path):
                raise changed_meanwhile(path)
        wanted = dict(present.contents)
        for step in steps:
            if step.after:
                wanted[step.path] = step.after
            else:
                del wanted[step.path]
        return snapshots.change(wanted, reason, exercise, present)

    def undo(self, id: int | None = None) -> Change:
        """Take back the lab's last change, or go to a snapshot. Needs the lock.

        Raises as Snapshots.undo() does.
        """
        return self._went(self.snapshots.undo(id))

    def reset(self) -> Change:
        """Go back to the start, after taking a snapshot. The answers and the journal stay.

        Raises as Snapshots.restore() does. Needs the lock.
        """
        return self._went(self.snapshots.restore(START, "before reset"))

    def _went(self, change: Change) -> Change:
        """Write into the journal which moment the workspace went back to."""
        if change.to:
            try:
                self.journal.append(Kind.WENT_BACK, None, to=change.to.taken_at)
            except CannotWrite as error:
                went = f"The files went back to snapshot {change.to.id}, but that is not noted."
                raise CannotWrite(f"{went} {error.message}", error.remedy) from error
        return change

    def diff(self, exercise: str | None = None) -> str:
        """Return the sources' changes since the start as a unified diff, "" where there are none.

        With an exercise: since before the lab changed something for it. Nothing is written.
        Raises UsageError where there was no such change, DamagedSnapshot, Unreadable.
        """
        snapshots = self.snapshots
        origin = snapshots.last_of(exercise) if exercise else snapshots.get(START)
        if origin is None:
            raise UsageError(
                f"The lab has changed nothing for {exercise} yet.",
                "`lab diff` shows everything since the start.",
            )
        return "".join(
            unified_diff(
                step.path,
                snapshots.objects.get(step.before.sha) if step.before else None,
                files.read(self.folder / step.path) if step.after else None,
            )
            for step in between(origin.manifest.files, capture(self.folder).files)
            if step.path != ANSWERS
        )


def find(start: Path, explicit: Path | None = None, app: str | None = None) -> Workspace:
    """Return the workspace that a command is about; `app` replaces the workspace's own.

    That is `explicit`, else the nearest folder from `start` upward with a `.lab/`, else
    `my-todos` in `start`. An explicit folder is read-only where an app is named, and where it has
    Python files and no `.lab/`. Raises NoWorkspace, LinkRefused, and UsageError for a wrong app.
    """
    if explicit is not None:
        if explicit.is_dir() and app:
            return Workspace.read_only(explicit, app)
        if (explicit / STATE).is_dir():
            return Workspace.open(explicit)
        if any(next(explicit.glob(place), None) for place in ("*.py", "*/*.py", "*/*/*.py")):
            return Workspace.read_only(explicit)
        if explicit.is_dir():
            raise NoWorkspace(
                f"{explicit} is no workspace.",
                f"Make one: `lab init {DEFAULT}`; or name the app in it: `--app MODULE:ATTR`.",
            )
        if explicit.exists():
            raise NoWorkspace(f"{explicit} is no folder.", f"Name one: `-w {explicit.parent}`.")
        raise NoWorkspace(f"There is no folder {explicit}.", f"Make it: `lab init {explicit}`.")
    here = start.absolute()
    for folder in (here, *here.parents, here / DEFAULT):
        if (folder / STATE).is_dir():
            return Workspace.open(folder).with_app(app)
    raise NoWorkspace("There is no workspace here.", "Make one: `lab init`.")
