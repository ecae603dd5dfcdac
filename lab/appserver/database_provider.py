"""Where the app of a check finds its database: in files of its own, or wherever it is given one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from lab.dbserver.url import DatabaseURL


class DatabaseProvider(Protocol):
    """Gives each server that is started for a check a database of its own."""

    def database(self, *, own: bool) -> AbstractContextManager[DatabaseURL | None]:
        """Give a database for the length of the block, safe from several threads.

        `own` asks for a copy of the workspace's own database, else it is empty. None where the app
        keeps files, which are staged with its sources. Raises LabError.
        """

    def with_own(
        self, fill: Callable[[DatabaseURL], object]
    ) -> AbstractContextManager[DatabaseProvider]:
        """Put a new database, which `fill` fills, in the place of the workspace's own.

        `fill` is not called where the app keeps files. Raises LabError.
        """


class FileDatabases:
    """The provider for an app that keeps its own files."""

    def database(self, *, own: bool) -> AbstractContextManager[None]:
        """Give none: the files are in the app's folder, or are made there."""
        return nullcontext()

    def with_own(
        self, fill: Callable[[DatabaseURL], object]
    ) -> AbstractContextManager[DatabaseProvider]:
        """Change nothing: the files of another workspace are in its own folder."""
        return nullcontext(self)
