"""A migration of the learner's own, where Alembic keeps their tables: a revision that adds columns.

A column that is added to the database alone would be gone with the next database that the
migrations make, and one that is in the model alone breaks the app.
"""

from __future__ import annotations

import secrets
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import regular_files
from lab.appserver.commands import alembic
from lab.appserver.launchers import Launcher
from lab.model import NotPossible
from lab.play.migration import Addition, Model, lacking
from lab.workspace import databases
from lab.workspace.files import walk

INI = "alembic.ini"
BY_HAND = "Write the migration by hand (`alembic revision`), then try again."

TEXT = '''\
"""{says}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The model's default is for new rows. Those that are there get theirs from the database.
{up}


def downgrade() -> None:
{down}
'''


@dataclass(frozen=True)
class Head:
    """The last revision of a project, and the folder that its file lies in."""

    revision: str
    folder: Path


def under_alembic(path: Path) -> bool:
    """Whether Alembic has written down its revision in this database."""
    return databases.ALEMBIC in databases.tables(path)


def has_alembic(folder: Path) -> bool:
    """Whether a project has settings of Alembic."""
    return any(Path(path).name == INI for path in walk(folder).files)


def upgrade(folder: Path) -> list[str]:
    """Return the arguments of `alembic` that bring a project's databases to its last revision."""
    return [*_settings(folder), "upgrade", "head"]


def revision(folder: Path) -> list[str]:
    """Return the arguments of `alembic` that have it write what the models have and tables lack."""
    return [*_settings(folder), "revision", "--autogenerate", "-m", "next"]


def sources_since(before: Container[str], folder: Path) -> dict[str, str]:
    """Return the text of each Python file in a folder that was not there `before`, by its path."""
    new = [path for path in walk(folder).files if path not in before and path.endswith(".py")]
    read = regular_files.read
    return {path: read(folder / path).decode(errors="replace") for path in sorted(new)}


def _settings(folder: Path) -> list[str]:
    """Return the arguments that name the settings, where Alembic would not find them itself."""
    if (folder / INI).exists():
        return []
    found = [path for path in walk(folder).files if Path(path).name == INI]
    return ["-c", found[0]] if len(found) == 1 else []


def must_be_columns(paths: Sequence[Path], models: Sequence[Model]) -> list[Addition]:
    """Return the columns that the tables lack, each once.

    Raises NotPossible where a whole table is missing: who writes its migration, writes it all.
    """
    tables = {table for path in paths for table in databases.tables(path)}
    if absent := [model for model in models if model["table"] not in tables]:
        raise NotPossible(
            f"Alembic keeps the tables of this app, and a revision for the table "
            f"{absent[0]['table']} of {absent[0]['name']} is not there yet.",
            BY_HAND,
        )
    found = (addition for path in paths for addition in lacking(path, models))
    return list({(one.table, one.column.name): one for one in found}.values())


def must_make_all(paths: Sequence[Path], models: Sequence[Model]) -> None:
    """Raise NotPossible where the databases, which the migrations made, lack what a model has."""
    made: set[tuple[str, str]] = set()
    for path in paths:
        with databases.reading(path) as reader:
            made |= {(table, name) for table in reader.tables() for name in reader.columns(table)}
    lacks = [
        f"{model['table']}.{column['name']}"
        for model in models
        for column in model["columns"]
        if (model["table"], column["name"]) not in made
    ]
    if lacks:
        raise NotPossible(
            f"A new database would lack {', '.join(lacks)}: the models have it, and no migration "
            "makes it.",
            "Go back to before it came (`lab undo`, `lab snapshots`) and run this exercise first, "
            "or write all of its migrations by hand.",
        )


def revision_for(
    launcher: Launcher, folder: Path, additions: Sequence[Addition]
) -> dict[str, bytes]:
    """Return the file of a revision that adds these columns, chained to the last one.

    `folder` is the one in which a person would call `alembic`. Raises NotPossible where the
    revisions are not understood or a column needs more than that, AppFailed.
    """
    head = _head(launcher, folder)
    if refers := next((addition for addition in additions if addition.references), None):
        raise NotPossible(
            f"{refers.column.name} refers to {refers.references}, and SQLite cannot add that to a "
            "table that is there.",
            BY_HAND,
        )
    names = [addition.column.name for addition in additions]
    revision = _next(head)
    path = head.folder / f"{revision}_add_{'_'.join(names)}.py"
    text = TEXT.format(
        says=f"add {' and '.join(names)}",
        revision=revision,
        head=head.revision,
        up=_code(additions, drop=False),
        down=_code(additions, drop=True),
    )
    return {path.relative_to(folder).as_posix(): text.encode()}


def _head(launcher: Launcher, folder: Path) -> Head:
    ran = alembic(launcher, folder, [*_settings(folder), "heads", "--verbose"])
    if not ran.ok:
        raise NotPossible(
            f"Alembic keeps the tables of this app, and `{ran.command}` fails: {ran.said}.", BY_HAND
        )
    said = [line.partition(": ") for line in ran.output.splitlines()]
    revisions = [value.split()[0] for name, _, value in said if name == "Rev" and value.split()]
    paths = [folder / value.strip() for name, _, value in said if name == "Path"]
    if len(revisions) != 1 or len(paths) != 1:
        count = len(revisions) or "none"
        raise NotPossible(
            f"A new revision follows the last one, and `alembic heads` names {count}.",
            "Bring them together with `alembic merge heads`, then try again."
            if revisions
            else BY_HAND,
        )
    place = paths[0].parent
    if not place.resolve().is_relative_to(folder.resolve()):
        raise NotPossible(f"The revisions lie outside of the workspace, in {place}.", BY_HAND)
    return Head(revisions[0], place)


def _next(head: Head) -> str:
    """Return the name of the next revision: the next number, or a name as Alembic makes it."""
    if head.revision.isdecimal():
        counted = str(int(head.revision) + 1).zfill(len(head.revision))
        if not list(head.folder.glob(f"*{counted}*")):
            return counted
    return secrets.token_hex(6)


def _code(additions: Sequence[Addition], *, drop: bool) -> str:
    """Return what adds the columns, or drops them, as Alembic itself would write it."""
    from alembic.autogenerate import render_python_code
    from alembic.operations import ops

    written = render_python_code(
        ops.UpgradeOps(
            [
                ops.DropColumnOp(addition.table, addition.column.name)
                if drop
                else ops.AddColumnOp(addition.table, addition.column)
                for addition in (reversed(additions) if drop else additions)
            ]
        )
    )
    lines = [line.strip() for line in written.splitlines()]
    return "\n".join(f"    {line}" for line in lines if line and not line.startswith("#"))
