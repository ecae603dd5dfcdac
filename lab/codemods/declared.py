"""The edits as scenarios declare them.

What does the work is imported when an edit is applied: every command reads the declarations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.codemods.project import Project

if TYPE_CHECKING:
    from libcst import Module


def _written(modules: dict[str, Module]) -> dict[str, bytes]:
    return {path: module.bytes for path, module in modules.items()}


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
