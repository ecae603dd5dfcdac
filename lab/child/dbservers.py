"""Keeps the app away from every database server but the database that the lab has lent it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.child.probe import Probe

SERVERS = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "mssql": "SQL Server",
    "oracle": "Oracle",
}
NAMED = ("dbname", "database", "db")  # what the drivers call the name of a database


def watch_dbservers(probe: Probe) -> None:
    """Report what SQLAlchemy connects to; a server's database that is not lent ends the process.

    The lent one is the one that DATABASE_URL names, before the app could change that.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    lent = _database(os.environ.get("DATABASE_URL"))

    def connecting(dialect: Any, record: Any, arguments: Any, options: dict[str, Any]) -> None:
        kind = "mysql" if dialect.name == "mariadb" else dialect.name
        named = next((str(options[name]) for name in NAMED if options.get(name)), None)
        if dialect.name not in SERVERS or (lent and named == lent):
            probe.channel.send("connected", dialect=kind)
            return
        host = options.get("host") or "this machine"
        probe.channel.send(
            "database",
            path=f"{SERVERS[dialect.name]} at {host}, database {named or '?'}",
            inside=False,
            server=True,
            frame=probe.frames.line(sys._getframe()),
        )
        # An exception could be swallowed by the app, and it would try again.
        os._exit(70)

    event.listen(Engine, "do_connect", connecting)


def _database(url: str | None) -> str | None:
    from sqlalchemy import make_url

    return make_url(url).database if url else None
