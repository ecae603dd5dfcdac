"""The edits as scenarios declare them.

What does the work is imported when an edit is applied: every command reads the declarations.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from lab.codemods.project import Project
from lab.codemods.sources import Sources
from lab.model import AlreadyThere

if TYPE_CHECKING:
    from libcst import Module

Kind = Literal["int", "str", "bool"]
Value = int | str | bool | None


class Edit(Protocol):
    """A change to the learner's sources."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files that change, whole.

        Raises AlreadyThere where nothing is left to change, EditNotApplicable where the code
        is not understood.
        """
        ...


def _written(modules: dict[str, Module]) -> dict[str, bytes]:
    return {path: module.bytes for path, module in modules.items()}


@dataclass(frozen=True)
class AddColumn:
    """One column more in the model; nothing else. A default of None lets it be empty."""

    name: str
    type: Kind = "int"
    default: Value = None
    references: str | None = None  # "users.id": a foreign key

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.tables import add_column

        return _written(add_column(project, self.name, self.type, self.default, self.references))


COLUMNS = (
    AddColumn("priority", "int", default=0),
    AddColumn("due_date", "str"),
    AddColumn("note", "str"),
    AddColumn("color", "str"),
)


@dataclass(frozen=True)
class AddNewColumn:
    """A column that the model does not have yet: the first candidate that is free.

    Where none is free, the last one gets a number: note_2, note_3 and so on.
    """

    candidates: tuple[AddColumn, ...] = COLUMNS

    def choose(self, project: Project, taken: Collection[str] = ()) -> AddColumn:
        """Return the column that apply() adds; one in `taken` is passed over.

        Raises EditNotApplicable where the model was not found.
        """
        from lab.codemods.tables import column_names

        known = {*taken, *column_names(project)}
        for candidate in self.candidates:
            if candidate.name not in known:
                return candidate
        last = self.candidates[-1]
        number = 2
        while f"{last.name}_{number}" in known:
            number += 1
        return AddColumn(f"{last.name}_{number}", last.type, last.default)

    def apply(self, project: Project) -> dict[str, bytes]:
        return self.choose(project).apply(project)


@dataclass(frozen=True)
class AddField:
    """One field more in the schemas, handed on where the code does so field by field."""

    name: str
    type: Kind = "int"
    default: Value = None
    to: tuple[Literal["create", "response"], ...] = ("create", "response")

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.schemas import add_field

        return _written(add_field(project, self.name, self.type, self.default, self.to))


@dataclass(frozen=True)
class AddFilter:
    """A parameter ?completed= for the list of todos."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.filters import add_filter

        return _written(add_filter(project))


@dataclass(frozen=True)
class AddCount:
    """GET <collection>/count, above the endpoint that gets one todo by its id."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.counts import add_count

        return _written(add_count(project))


@dataclass(frozen=True)
class RemoveChanging:
    """The API loses PUT and DELETE of one todo. What they used, such as a schema, stays."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.put_and_delete import remove_changing

        return _written(remove_changing(project))


@dataclass(frozen=True)
class AddChanging:
    """PUT and DELETE of one todo, where they are missing."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.put_and_delete import add_changing

        return _written(add_changing(project))


@dataclass(frozen=True)
class AddMigrations:
    """Alembic: a migration that makes the table, one that adds `priority`, and its own files."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.migrations import add_migrations

        return add_migrations(project)


@dataclass(frozen=True)
class AddUsers:
    """A table of users with its endpoints, in a module of its own."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.users import add_users

        return add_users(project)


@dataclass(frozen=True)
class PortToSqlmodel:
    """The base class and the models become SQLModel's, column by column."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.sqlmodels import port_to_sqlmodel

        return _written(port_to_sqlmodel(project))


@dataclass(frozen=True)
class ReturnSession:
    """The session dependency returns its session, so that nobody closes it."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.session_dependency import return_session

        return _written(return_session(project))


@dataclass(frozen=True)
class YieldSession:
    """The session dependency lends its session with `yield`, and closes it in the end."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.session_dependency import yield_session

        return _written(yield_session(project))


@dataclass(frozen=True)
class PlaceDatabase:
    """The engine keeps the todos in this place."""

    place: Literal["memory", "file", "current folder", "app's folder"]

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.database_location import place_database

        return _written(place_database(project, self.place))


@dataclass(frozen=True)
class SetJournal:
    """Each new connection sets this journal mode of SQLite."""

    mode: Literal["WAL", "DELETE"]

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.database_location import set_journal

        return _written(set_journal(project, self.mode))


@dataclass(frozen=True)
class AnswerMissing:
    """A todo that is not there is answered as a 200 with a message, or as a 404."""

    status: Literal[200, 404]

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.not_found import hide_missing, tell_missing

        change = hide_missing if self.status == 200 else tell_missing
        return _written(change(project))


@dataclass(frozen=True)
class AfterCommit:
    """What is called between the commit of a new todo and its answer."""

    call: Literal["close", "refresh"]

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.answering import close_early, refresh_instead

        change = close_early if self.call == "close" else refresh_instead
        return _written(change(project))


def apply_all(edits: Sequence[Edit], sources: Sources) -> dict[str, bytes]:
    """Return the files that change when all edits are applied, one after the other.

    A part that is there already is passed over. Raises AlreadyThere where all parts are,
    EditNotApplicable where one of them has no place: then nothing at all is changed.
    """
    project = sources if isinstance(sources, Project) else Project(sources)
    changed: dict[str, bytes] = {}
    present: list[AlreadyThere] = []
    for edit in edits:
        try:
            new = edit.apply(project)
        except AlreadyThere as error:
            present.append(error)
        else:
            changed |= new
            project = project.changed(new)
    if present and len(present) == len(edits):
        raise present[0]
    return changed
