"""Brings a way's changes about in a folder that belongs to the lab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lab import scenario as s
from lab.edits import AddNewColumn, Edit, apply_all, diff, read_sources
from lab.model import AlreadyThere, NotPossible
from lab.play.migration import migrate
from lab.play.played import Changed, Deleted, Event, Migrated
from lab.play.steps import Runner
from lab.workspace import databases


def alter(runner: Runner, changes: Sequence[s.Change]) -> Iterator[Event]:
    """Make the changes: first those of the sources, whole or not at all, then the others.

    Raises AlreadyThere where nothing at all was left to change, EditNotApplicable where the code
    was not understood, NotPossible where a database cannot be changed so, AppFailed.
    """
    edits = edits_of(changes)
    present: AlreadyThere | None = None
    done = False
    try:
        if edits:
            yield Changed(edit(runner.server.folder, edits))
            done = True
    except AlreadyThere as error:
        present = error
    for change in changes:
        if isinstance(change, s.DeleteDatabase):
            yield _delete(runner)
            done = True
        elif isinstance(change, s.MigrateDatabase):
            for migrated in _migrate(runner):
                yield migrated
                done = True
    if present and not done:
        raise present


def edits_of(changes: Sequence[s.Change]) -> list[Edit]:
    """Those of the changes that are about the sources."""
    return [c for c in changes if not isinstance(c, s.DeleteDatabase | s.MigrateDatabase)]


def repeat(runner: Runner, changes: Sequence[s.Change], folder: Path) -> None:
    """Make in another folder the changes that alter() has just made in the runner's.

    Raises NotPossible where a database cannot be changed so.
    """
    for path, content in read_sources(runner.server.folder).items():
        if (folder / path).read_bytes() != content:
            (folder / path).write_bytes(content)
    if s.MigrateDatabase() in changes:
        for found in databases.find(folder):
            migrate(found, runner.models)


def edit(folder: Path, edits: Sequence[Edit]) -> str:
    """Apply the edits to the sources in a folder and return the diff.

    Raises AlreadyThere, EditNotApplicable; no file is changed then.
    """
    before = read_sources(folder)
    after = apply_all([_without_taken(edit, folder) for edit in edits], before)
    for path, content in after.items():
        (folder / path).write_bytes(content)
    return diff(before, after)


def _without_taken(edit: Edit, folder: Path) -> Edit:
    """A new column must be new to the table as well, or nothing would break."""
    if not isinstance(edit, AddNewColumn):
        return edit
    taken: set[str] = set()
    for path in databases.find(folder):
        for table in databases.tables(path):
            taken.update(databases.columns(path, table))
    names = {candidate.name for candidate in edit.candidates}
    if not names & taken:
        return edit
    return edit.choose(read_sources(folder), taken)


def _delete(runner: Runner) -> Deleted:
    files = runner.server.delete_databases()
    if not files:
        raise NotPossible(
            "The app has opened no database file, so there is none to delete.",
            "Does it keep its todos in a file, such as sqlite:///./todos.db?",
        )
    return Deleted(tuple(files), runner.runs)


def _migrate(runner: Runner) -> Iterator[Migrated]:
    server = runner.server
    there = databases.find(server.folder)
    if not there:
        return
    # The models are known once the app has started on its changed sources.
    runner.learn_models()
    for path in there:
        sql = migrate(path, runner.models)
        if sql:
            yield Migrated(path.relative_to(server.folder).as_posix(), sql)
