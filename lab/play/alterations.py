"""Changes of sources and databases, in folders that belong to the lab."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lab import scenario as s
from lab.appserver.commands import alembic
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.codemods import AddNewColumn, Edit, Project, Replace, apply_all, diff, read_sources
from lab.codemods.merge import Merge
from lab.codemods.patches import reference
from lab.model import AlreadyThere, ByHand, NotPossible
from lab.play import migration
from lab.play.revision import must_be_columns, must_make_all, revision_for, under_alembic, upgrade
from lab.scenario.events import AlembicRan, DatabaseMigrated, FilesWritten
from lab.workspace import databases
from lab.workspace.store import copy_tree
from lab.workspace.workspace import Workspace


def planned(folder: Path, edits: Sequence[Edit]) -> s.WriteFiles:
    """Return the step that makes the edits, all of them, in a folder. Nothing is written yet.

    Raises AlreadyThere where nothing is left to change, EditNotApplicable.
    """
    fitted = [_without_taken(with_its_file(edit, folder), folder) for edit in edits]
    before = read_sources(folder)
    after = apply_all(fitted, before)
    before |= {edit.file: edit.there for edit in fitted if isinstance(edit, Replace) and edit.there}
    there = {path: (folder / path).read_bytes() for path in after if (folder / path).exists()}
    if there == after:
        raise AlreadyThere("Your folder has what the lab would write.")
    for path, content in there.items():
        if path not in before and content != after[path]:
            raise ByHand(
                f"There is a file {path} already, and it is not what the lab would write.",
                diff(before, after),
            )
    return s.WriteFiles(after)


def taking_back(edits: Sequence[Edit], broken: str, workspace: Workspace) -> Merge:
    """Return the edit that gives back what these edits changed when the lab played a break.

    Raises ByHand where the lab has not broken it.
    """
    healthy = reference()
    answer = diff({**healthy, **apply_all(edits, healthy)}, healthy)
    saved = workspace.snapshots.last_of(broken)
    if not saved:
        raise ByHand(f"The lab did not play {broken} here, so it cannot take it back.", answer)
    with TemporaryDirectory(prefix="lab-healthy-") as temporary:
        workspace.snapshots.write(saved, Path(temporary))
        healthy = read_sources(Path(temporary))
    # An edit makes the same of the same code: what it made of the learner's need not be kept.
    changed = {**healthy, **apply_all(edits, healthy)}
    return Merge(changed, healthy, answer, f"What {broken} changed is taken back already.")


def edit(folder: Path, edits: Sequence[Edit]) -> FilesWritten:
    """Make the edits in a folder. Raises as planned() does; no file is changed then."""
    return write((folder,), planned(folder, edits).files)


def write(folders: Sequence[Path], files: Mapping[str, bytes]) -> FilesWritten:
    """Write the same files into each folder; what is told is the change of the first."""
    there = {path: folders[0] / path for path in files}
    before = {name: path.read_bytes() for name, path in there.items() if path.exists()}
    for folder in folders:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():  # a copy of one that its owner may only read is the lab's
                path.chmod(path.stat().st_mode | stat.S_IWUSR)
            path.write_bytes(content)
    return FilesWritten(diff(before, files), tuple(sorted(files)))


def migrate(
    server: Server, folders: Sequence[Path]
) -> Iterator[DatabaseMigrated | FilesWritten | AlembicRan]:
    """Add the columns that tables lack, to the databases in each folder.

    `folders` begin with the server's, which is what is told. The server is stopped. Raises
    NotPossible where a column cannot be added, AppFailed where the app does not start.
    """
    if not databases.find(server.folder):
        return
    models = _models(server)
    for path in (path for folder in folders for path in databases.find(folder)):
        if under_alembic(path):
            continue
        sql = migration.migrate(path, models)
        if sql and path.is_relative_to(server.folder):
            yield DatabaseMigrated(path.relative_to(server.folder).as_posix(), sql)
    yield from _revise(server, folders, models)


def adopt(
    step: s.AdoptDatabase, server: Server, folders: Sequence[Path]
) -> Iterator[FilesWritten | AlembicRan]:
    """Bring the databases in each folder to the last revision of the app's migrations.

    As in migrate(), the first folder is the server's and is told, and the server is stopped.
    Raises NotPossible where a command of Alembic fails, AppFailed.
    """
    server.kill()
    for folder in folders:
        for command in _adopted(step, server.launcher, folder):
            if folder == server.folder:
                yield command
    models = _models(server)
    yield from _revise(server, folders, models)
    _must_be_made_anew(server, models)


def alembic_ran(launcher: Launcher, folder: Path, *arguments: str) -> AlembicRan:
    """Run an Alembic command in a folder. Raises NotPossible where it fails, AppFailed."""
    ran = alembic(launcher, folder, arguments)
    if not ran.ok:
        raise NotPossible(
            f"`{ran.command}` fails: {ran.said}", "Try it by hand, in your workspace."
        )
    return AlembicRan(ran.command, ran.output.strip())


def with_its_file(edit: Edit, folder: Path) -> Edit:
    """Return the edit; where its file is there and no source of the app, as env.py is, with it."""
    if not isinstance(edit, Replace) or edit.file in read_sources(folder):
        return edit
    file = folder / edit.file
    return replace(edit, there=file.read_bytes()) if file.is_file() else edit


def _without_taken(edit: Edit, folder: Path) -> Edit:
    """Return the edit; a new column is one that the tables lack, too, or nothing would break."""
    if not isinstance(edit, AddNewColumn):
        return edit
    taken: set[str] = set()
    for path in databases.find(folder):
        with databases.reading(path) as reader:
            for table in reader.tables():
                taken.update(reader.columns(table))
    names = {candidate.name for candidate in edit.candidates}
    if not names & taken:
        return edit
    return edit.choose(Project(read_sources(folder)), taken)


def _models(server: Server) -> list[dict[str, Any]]:
    """Return the models of the app as it is now: they are known once it has started."""
    server.kill()
    server.start()
    models = server.models()
    server.stop()
    return models


def _revise(
    server: Server, folders: Sequence[Path], models: Sequence[Mapping[str, Any]]
) -> Iterator[FilesWritten | AlembicRan]:
    """Where Alembic keeps the tables, write what they lack as a revision, and see it run."""
    kept = [path for path in databases.find(server.folder) if under_alembic(path)]
    missing = must_be_columns(kept, models) if kept else []
    if not missing:
        return
    yield write(folders, revision_for(server.launcher, server.folder, missing))
    models = _models(server)  # many an app runs its migrations when it starts
    if must_be_columns(kept, models):
        for folder in folders:
            if any(map(under_alembic, databases.find(folder))):
                command = alembic_ran(server.launcher, folder, *upgrade(folder))
                if folder == server.folder:
                    yield command
    if must_be_columns(kept, models):
        raise NotPossible(
            "The new revision ran, and the columns are not there.",
            "Do your app and your env.py use the same database?",
        )


def _must_be_made_anew(server: Server, models: Sequence[Mapping[str, Any]]) -> None:
    """Let the migrations make a new database, and raise NotPossible where it lacks a column.

    The database that is there may have more than they make: it was changed before they came.
    """
    with TemporaryDirectory(prefix="lab-new-") as temporary:
        new = Path(temporary) / "app"
        copy_tree(server.folder, new, with_databases=False)
        alembic_ran(server.launcher, new, *upgrade(new))
        must_make_all(databases.find(new), models)


def _adopted(step: s.AdoptDatabase, launcher: Launcher, folder: Path) -> Iterator[AlembicRan]:
    """Write down the revision of a database that has none, and run what is missing."""
    for path in databases.find(folder):
        with databases.reading(path) as reader:
            tables, columns = reader.tables(), reader.columns("todos")
        if "todos" in tables and databases.ALEMBIC not in tables:
            last = step.column in columns
            yield alembic_ran(launcher, folder, "stamp", "head" if last else step.first)
            yield alembic_ran(launcher, folder, "upgrade", "head")
