"""Databases that the lab makes on a server, one for each check, and drops again.

Each has an owner: a connection that is open for as long as it is in use. Where the lab
is killed the server closes that connection, and so a later run knows that nobody is left, on
whatever machine the lab ran: PostgreSQL drops no database that somebody is connected to, and on
MySQL the owner holds a lock of the database's name.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from lab.dbserver.copying import copy_database
from lab.dbserver.tables import connected
from lab.dbserver.url import BadURL, DatabaseURL
from lab.model import LabError

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Nothing that is not named exactly so is ever dropped.
NAME = re.compile(r"lab_\d{8}_\d{6}_[0-9a-f]{12}")
TRIES = 3
OWNER = "lab_owner"  # what the owner calls itself on PostgreSQL
WAIT = "SET SESSION lock_wait_timeout = 10"  # MySQL's own is a day


class ServerDatabases:
    """Makes and drops databases on the server of one URL. A context: at its end all are gone.

    It is the DatabaseProvider of checks that are run on a database server.
    """

    def __init__(self, url: DatabaseURL) -> None:
        self.url = url
        self.own = url  # the database with the workspace's own todos
        self._databases: list[TemporaryDatabase] = []
        self._spare: list[TemporaryDatabase] = []

    def __enter__(self) -> Self:
        """Drop what killed runs have left, and make a first database, to know that it can be done.

        Raises LabError where the server cannot be used so.
        """
        self.sweep()
        self._spare.append(self._made())
        return self

    def __exit__(self, *_: object) -> None:
        for database in list(self._databases):
            self.drop(database)

    @contextmanager
    def database(self, *, own: bool) -> Iterator[DatabaseURL]:
        """Give a database for the block: a copy of the workspace's own, or an empty one."""
        database = self.create()
        try:
            if own:
                copy_database(self.own, database.url)
            yield database.url
        finally:
            self.drop(database)

    @contextmanager
    def with_own(self, fill: Callable[[DatabaseURL], object]) -> Iterator[ServerDatabases]:
        """Put a new database, which `fill` fills, in the place of the workspace's own."""
        with self.database(own=False) as url:
            fill(url)
            provider = copy(self)
            provider.own = url
            yield provider

    def create(self) -> TemporaryDatabase:
        """Return a new, empty database. Safe from several threads. Raises LabError."""
        try:
            return self._spare.pop()
        except IndexError:
            return self._made()

    def _made(self) -> TemporaryDatabase:
        for tried in range(1, TRIES + 1):
            database = TemporaryDatabase(self.url)
            self._databases.append(database)
            try:
                database.make()
                return database
            except BadURL:
                # Somebody else's sweep came between the making and the owning.
                self._databases.remove(database)
                if tried == TRIES:
                    raise
            except LabError:
                self._databases.remove(database)
                raise
        raise AssertionError("unreachable")

    def drop(self, database: TemporaryDatabase) -> None:
        """Drop a database of the lab's; nothing where that is done. Raises LabError."""
        if database in self._databases:
            database.drop()
            self._databases.remove(database)

    def sweep(self) -> tuple[str, ...]:
        """Drop the databases of labs that are gone, and return their names. Raises LabError."""
        with connected(self.url) as connection:
            stale = [name for name in _names(connection) if NAME.fullmatch(name)]
            return tuple(name for name in stale if _drop_unowned(connection, name))


class TemporaryDatabase:
    """One database that the lab has made, and the connection that owns it."""

    def __init__(self, server: DatabaseURL) -> None:
        # For people: when it was made. The rest makes it one of its kind.
        moment = datetime.now(UTC).strftime("%Y%m%d_%H%M%S")
        self.url = server.to(f"lab_{moment}_{secrets.token_hex(6)}")
        self._server = server
        self._owner = ExitStack()

    def make(self) -> None:
        """Create and own it. Raises LabError."""
        name = self.url.name
        if self.url.dialect == "mysql":
            with ExitStack() as until_owned:
                owner = until_owned.enter_context(connected(self._server))
                owner.exec_driver_sql("SELECT GET_LOCK(%s, 0)", (name,))
                owner.exec_driver_sql("SET SESSION wait_timeout = 86400")
                owner.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
                self._owner = until_owned.pop_all()
            return
        with connected(self._server) as connection:
            # Not of template1: a connection to that one would be in the way.
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
        self._owner.enter_context(connected(self.url, OWNER))

    def drop(self) -> None:
        """Drop it, whoever is connected. Raises LabError."""
        name = self.url.name
        assert NAME.fullmatch(name)
        with connected(self._server) as connection:
            if self.url.dialect == "mysql":
                _disconnect(connection, name)
                connection.exec_driver_sql(WAIT)
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
            else:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._owner.close()


def _names(connection: Connection) -> list[str]:
    """Return the databases of the server that the user of the connection may drop."""
    if connection.dialect.name == "postgresql":
        sql = "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = current_user"
    else:
        sql = "SELECT schema_name FROM information_schema.schemata"
    return [str(name) for (name,) in connection.exec_driver_sql(sql)]


def _drop_unowned(connection: Connection, name: str) -> bool:
    """Drop a database of the lab's that has no owner any more. Returns whether it had none."""
    from sqlalchemy.exc import DBAPIError

    if connection.dialect.name == "postgresql":
        # PostgreSQL would wait for 5 s before it says that somebody is connected.
        used = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        if connection.exec_driver_sql(used, (name,)).scalar():
            return False
        try:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") != "55006":  # it is in use
                raise
            return False
        return True
    if connection.exec_driver_sql("SELECT GET_LOCK(%s, 0)", (name,)).scalar() != 1:
        return False
    _disconnect(connection, name)
    connection.exec_driver_sql(WAIT)
    connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
    connection.exec_driver_sql("SELECT RELEASE_LOCK(%s)", (name,))
    return True


def _disconnect(connection: Connection, name: str) -> int:
    """End the connections to a database of the lab's, but not the one that owns it."""
    from sqlalchemy.exc import DBAPIError

    if connection.dialect.name == "postgresql":
        sql = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND application_name <> %s AND backend_type = 'client backend'"
        )
        return len(connection.exec_driver_sql(sql, (name, OWNER)).all())
    sql = "SELECT id FROM information_schema.processlist WHERE db = %s AND id <> CONNECTION_ID()"
    killed = 0
    for (number,) in connection.exec_driver_sql(sql, (name,)).all():
        try:
            connection.exec_driver_sql(f"KILL {int(number)}")
            killed += 1
        except DBAPIError as error:
            if error.orig is None or error.orig.args[0] != 1094:  # it has just ended by itself
                raise
    return killed


def disconnect(url: DatabaseURL) -> int:
    """End every connection of the app to a database of the lab's, as a restart of its server would.

    Returns how many there were. Raises LabError.
    """
    assert NAME.fullmatch(url.name), "only what the lab has made"
    with connected(url, OWNER) as connection:
        return _disconnect(connection, url.name)
