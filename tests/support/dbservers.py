"""What the tests on database servers share: which servers there are, and what is on them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lab.dbserver.provider import NAME
from lab.dbserver.tables import connected
from lab.dbserver.url import DatabaseURL, parse
from lab.dev.servers import VARIABLES
from lab.model import ExerciseResult, Verdict
from lab.workspace.workspace import Workspace

SERVERS = [
    pytest.param(
        variable,
        id=kind,
        marks=pytest.mark.skipif(
            not os.environ.get(variable), reason=f"{variable} names no server"
        ),
    )
    for kind, variable in VARIABLES.items()
]
PASSWORD = "s3cr3t-w0rd"
USER = f"lab_learner_{os.getpid()}"  # of this run alone, for runs beside it
COMMAND = str(Path(sys.executable).with_name("lab"))
SQL = Callable[..., list[tuple[object, ...]]]


def made_by_the_lab(url: DatabaseURL) -> set[str]:
    """The databases of the lab's that the server has."""
    with connected(url) as connection:
        kind = "pg_database" if url.dialect == "postgresql" else "information_schema.schemata"
        name = "datname" if url.dialect == "postgresql" else "schema_name"
        found = connection.exec_driver_sql(f"SELECT {name} FROM {kind}")
        return {str(row[0]) for row in found if NAME.fullmatch(str(row[0]))}


def edit(made: Workspace, old: str, new: str) -> None:
    path = made.folder / "todos_app" / "database.py"
    source = path.read_text("utf-8")
    assert old in source
    path.write_text(source.replace(old, new), "utf-8")


def failure(result: ExerciseResult) -> str:
    return next(c.actual or "" for c in result.checks if c.verdict is Verdict.FAILED)


def lab(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def connected_users(server: DatabaseURL, sql: SQL) -> int:
    """How many connections the user of this run has to the server."""
    table, name = (
        ("pg_stat_activity", "usename")
        if server.dialect == "postgresql"
        else ("information_schema.processlist", "user")
    )
    ((count,),) = sql(server, f"SELECT count(*) FROM {table} WHERE {name} = '{USER}'")
    assert isinstance(count, int)
    return count


def with_user(server: DatabaseURL, sql: SQL, *, may_create: bool = False) -> DatabaseURL:
    """The server under a user with a password."""
    if server.dialect == "postgresql":
        right = "CREATEDB" if may_create else ""
        sql(server, f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}' {right}")
    else:
        sql(server, f"CREATE USER {USER}@'%%' IDENTIFIED BY '{PASSWORD}'")
        if may_create:
            sql(server, f"GRANT ALL ON *.* TO {USER}@'%%'")
    scheme, _, rest = server.secret.partition("://")
    place = rest.rpartition("@")[2]
    if server.dialect == "mysql":
        place = place.partition("/")[0] + "/"
    return parse(f"{scheme}://{USER}:{PASSWORD}@{place}")


def drop_user(server: DatabaseURL, sql: SQL) -> None:
    user = USER if server.dialect == "postgresql" else f"{USER}@'%%'"
    kind = "ROLE" if server.dialect == "postgresql" else "USER"
    sql(server, f"DROP {kind} {user}")
