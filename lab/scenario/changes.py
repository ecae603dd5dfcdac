"""What a play changes in the workspace, beside the steps that do so too. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from lab.scenario.steps import ChangeFolder, DeleteDatabase, DropConnections

if TYPE_CHECKING:
    from lab.codemods import Edit


@dataclass(frozen=True)
class MigrateDatabase:
    """Add to the tables, through Alembic, the columns that the models have and they lack."""


@dataclass(frozen=True)
class AdoptDatabase:
    """Bring a database that Alembic does not know yet to its last revision.

    A table without `column` is what the revision `first` makes; one with it is the last already.
    """

    first: str
    column: str


@dataclass(frozen=True)
class MoveDatabase:
    """Move the rows of the database files to the database server that was named."""


Change: TypeAlias = (
    "Edit | DeleteDatabase | MigrateDatabase | AdoptDatabase | ChangeFolder | MoveDatabase "
    "| DropConnections"
)


OF_NO_SOURCE = (
    DeleteDatabase | MigrateDatabase | AdoptDatabase | ChangeFolder | MoveDatabase | DropConnections
)


@dataclass(frozen=True)
class Way:
    """One way to bring a change about. The first of an exercise is the one without an option."""

    changes: tuple[Change, ...]
    says: str
    name: str = ""

    @property
    def edits(self) -> list[Edit]:
        """Those of the changes that are about the sources."""
        return [change for change in self.changes if not isinstance(change, OF_NO_SOURCE)]
