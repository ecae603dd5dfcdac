"""Brings a variant's changes about in a folder that belongs to the lab."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from lab import scenario as s
from lab.codemods import AddNewColumn, Edit, Project, apply_all, diff, read_sources
from lab.model import AlreadyThere, EditNotApplicable, NotPossible
from lab.play.interpreter import Runner, commanded
from lab.play.migration import migrate
from lab.play.revision import must_be_columns, revise, under_alembic, upgrade
from lab.scenario.events import Changed, Commanded, Event, Migrated
from lab.workspace import databases


def alter(runner: Runner, variant: s.Variant) -> Iterator[Event]:
    """Make the changes: first those of the sources, whole or not at all, then the others.

    Raises AlreadyThere where nothing at all was left to change, EditNotApplicable where the code
    was not understood, NotPossible where a database cannot be changed so, AppFailed.
    """
    edits = variant.edits
    present: AlreadyThere | None = None
    done = False
    try:
        if edits:
            yield edit(runner.server.folder, edits)
            done = True
    except AlreadyThere as error:
        present = error
    for change in variant.steps:
        if isinstance(change, s.DeleteDatabase):
            yield runner.delete_databases()
            done = True
        elif isinstance(change, s.ChangeFolder):
            yield runner.move(change.name)
            done = True
        elif isinstance(change, s.DropConnections):
            yield runner.drop_connections()
            done = True
        elif isinstance(change, s.MoveDatabase):
            yield runner.move_rows()
            done = True
        elif isinstance(change, s.MigrateDatabase):
            for event in _migrate(runner):
                yield event
                done = True
        elif isinstance(change, s.AdoptDatabase):
            runner.stop()
            for command in _adopt(change, runner.server.folder):
                yield command
                done = True
            runner.learn_models()
            for event in _revise(runner):
                yield event
                done = True
    if present and not done:
        raise present


def repeat(runner: Runner, variant: s.Variant, files: Collection[str], folder: Path) -> None:
    """Make in another folder the changes that alter() has made in the runner's, to `files`.

    Raises NotPossible where a database cannot be changed so.
    """
    for path in files:
        _write(folder / path, (runner.server.folder / path).read_bytes())
    for change in variant.steps:
        if isinstance(change, s.MigrateDatabase):
            for found in databases.find(folder):
                if not under_alembic(found):
                    migrate(found, runner.models)
        elif isinstance(change, s.AdoptDatabase):
            for _ in _adopt(change, folder):
                pass
    if runner.upgrades_by_hand and any(map(under_alembic, databases.find(folder))):
        commanded(folder, *upgrade(folder))


def edit(folder: Path, edits: Sequence[Edit]) -> Changed:
    """Apply the edits to the sources in a folder and return what has changed.

    Raises AlreadyThere, EditNotApplicable; no file is changed then.
    """
    before = read_sources(folder)
    after = apply_all([_without_taken(edit, folder) for edit in edits], before)
    for path in after:
        there = folder / path
        if path not in before and there.exists() and there.read_bytes() != after[path]:
            raise EditNotApplicable(
                f"There is a file {path} already, and it is not what the lab would write.",
                "Move it away, or make the change by hand.",
            )
    for path, content in after.items():
        _write(folder / path, content)
    return Changed(diff(before, after), tuple(sorted(after)))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


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
    return edit.choose(Project(read_sources(folder)), taken)


def _migrate(runner: Runner) -> Iterator[Migrated | Changed | Commanded]:
    server = runner.server
    there = databases.find(server.folder)
    if not there:
        return
    # The models are known once the app has started on its changed sources.
    runner.learn_models()
    for path in there:
        if under_alembic(path):
            continue
        sql = migrate(path, runner.models)
        if sql:
            yield Migrated(path.relative_to(server.folder).as_posix(), sql)
    yield from _revise(runner)


def _revise(runner: Runner) -> Iterator[Changed | Commanded]:
    """Where Alembic keeps the tables, write what they lack as a revision, and see it run.

    Raises NotPossible where that cannot be written, or does not come to it.
    """
    folder = runner.server.folder
    kept = [path for path in databases.find(folder) if under_alembic(path)]
    if not kept:
        return
    if not (missing := must_be_columns(kept, runner.models)):
        return
    yield revise(folder, missing)
    runner.learn_models()  # many an app runs its migrations when it starts
    if must_be_columns(kept, runner.models):
        runner.upgrades_by_hand = True
        yield commanded(folder, *upgrade(folder))
    if must_be_columns(kept, runner.models):
        raise NotPossible(
            "The new revision ran, and the columns are not there.",
            "Do your app and your env.py use the same database?",
        )


def _adopt(change: s.AdoptDatabase, folder: Path) -> Iterator[Commanded]:
    """Write down the revision of a database that has none, and run what is missing."""
    for path in databases.find(folder):
        tables = databases.tables(path)
        if "todos" in tables and "alembic_version" not in tables:
            last = change.column in databases.columns(path, "todos")
            yield commanded(folder, "stamp", "head" if last else change.first)
            yield commanded(folder, "upgrade", "head")
