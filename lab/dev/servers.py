"""The database servers that exercises are proven on: those that the environment names for it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lab.dbserver.provider import ServerDatabases
from lab.dbserver.url import Dialect, from_environment
from lab.scenario import FILE, Exercise

# Not what names a learner's own database: a proof makes and drops many beside it.
VARIABLES: Mapping[Dialect, str] = {
    "postgresql": "LAB_TEST_POSTGRESQL_URL",
    "mysql": "LAB_TEST_MYSQL_URL",
}


def needed(exercise: Exercise) -> tuple[Dialect, ...]:
    """Return the kinds of server that an exercise is proven on, each by itself; none for a file."""
    if FILE[0] in exercise.databases:
        return ()
    return tuple(dialect for dialect in VARIABLES if dialect in exercise.databases)


def unnamed(exercise: Exercise) -> dict[Dialect, str]:
    """Return the kinds of server that an exercise lacks here, each with what that means."""
    return {
        dialect: f"it needs a server, and {VARIABLES[dialect]} names none"
        for dialect in needed(exercise)
        if not os.environ.get(VARIABLES[dialect])
    }


@contextmanager
def own_database(dialect: Dialect | None) -> Iterator[ServerDatabases | None]:
    """Give what makes databases on a server of that kind; an empty one is the learner's own.

    None for a file. No password is in an error that passes. Raises LabError.
    """
    url = from_environment(VARIABLES[dialect]) if dialect else None
    if url is None:
        yield None
        return
    with (
        url.hiding(),
        ServerDatabases(url) as server,
        ServerDatabases(server.create().url) as provider,
    ):
        yield provider
