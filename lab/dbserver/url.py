"""The URL of a database on a server: read, checked, and shown without its password."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, quote_plus

from lab.model import LabError, UsageError
from lab.texts import with_texts

if TYPE_CHECKING:
    from sqlalchemy import URL

Dialect = Literal["postgresql", "mysql"]
DIALECTS: Mapping[str, Dialect] = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
NAMES: Mapping[Dialect, str] = {"postgresql": "PostgreSQL", "mysql": "MySQL or MariaDB"}
# Where the lab looks when an exercise needs a server and none was named.
VARIABLES: Mapping[Dialect, str] = {
    "postgresql": "LAB_POSTGRESQL_URL",
    "mysql": "LAB_MYSQL_URL",
}
EXAMPLES: Mapping[Dialect, str] = {
    "postgresql": "postgresql+psycopg://USER:PASSWORD@HOST:5432/DATABASE",
    "mysql": "mysql+pymysql://USER:PASSWORD@HOST:3306/DATABASE",
}
# The drivers that the lab itself uses, and the extras of the lab that bring them.
DRIVERS: Mapping[Dialect, str] = {"postgresql": "psycopg", "mysql": "pymysql"}
HIDDEN = "***"


class BadURL(UsageError):
    """A database URL that cannot be used. It is never repeated: it may hold a password."""


@dataclass(frozen=True)
class DatabaseURL:
    """A database on a server. Only `secret` gives the password away."""

    _url: URL
    dialect: Dialect

    def __str__(self) -> str:
        """Return the URL with the password hidden."""
        query = {key: HIDDEN if "pass" in key else value for key, value in self._url.query.items()}
        return self._url.set(query=query).render_as_string(hide_password=True)

    __repr__ = __str__

    @property
    def name(self) -> str:
        """The database on its server; empty where the URL names none."""
        return self._url.database or ""

    @property
    def place(self) -> str:
        """The server: host and port."""
        host = self._url.host or "this machine"
        return f"{host}:{self._url.port}" if self._url.port else host

    @property
    def kind(self) -> str:
        """What sort of server it is, as a person would say it."""
        return NAMES[self.dialect]

    @property
    def secret(self) -> str:
        """The whole URL, for the environment of the app."""
        return self._url.render_as_string(hide_password=False)

    @property
    def own_driver(self) -> URL:
        """The URL for the lab's own connections, whatever driver the app uses."""
        return self._url.set(drivername=f"{self.dialect}+{DRIVERS[self.dialect]}")

    @property
    def modules(self) -> tuple[str, ...]:
        """What the app will import to talk to the server: the driver, and SQLAlchemy's part."""
        dialect = self._url.get_dialect()
        return dialect.__module__, dialect.import_dbapi().__name__

    def to(self, database: str) -> DatabaseURL:
        """Another database on the same server."""
        return replace(self, _url=self._url.set(database=database))

    def hide(self, text: str) -> str:
        """Return the text without the password, however it is spelled."""
        for spelled in self._spellings():
            text = text.replace(spelled, HIDDEN)
        return text

    def hidden(self, value: Any) -> Any:
        """Return a value, however deep, whose texts do not hold the password."""
        return with_texts(value, self.hide)

    @contextmanager
    def hiding(self) -> Iterator[None]:
        """Take the password out of an error of the lab that passes."""
        try:
            yield
        except LabError as error:
            error.message, error.remedy = self.hide(error.message), self.hide(error.remedy)
            error.args = (error.message,)
            raise

    def _spellings(self) -> list[str]:
        """Return the passwords as they may turn up in a text, the longest first."""
        found = [value for key, value in self._url.query.items() if "pass" in key]
        words = [str(word) for word in (self._url.password, *found) if word]
        spelled = {
            form for word in words for form in (word, quote(word, safe=""), quote_plus(word))
        }
        spelled |= {repr(word)[1:-1] for word in words}
        return sorted(spelled, key=len, reverse=True)


def parse(text: str) -> DatabaseURL:
    """Return the database that a URL names. Raises BadURL, LabError where its driver is missing."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        text.encode()  # half a surrogate pair reaches no driver
        url = make_url(text.strip())
    except (ArgumentError, ValueError) as error:
        raise BadURL("The database URL cannot be read.", _write()) from error
    name, _, driver = url.drivername.partition("+")
    if name == "sqlite":
        raise BadURL(
            "SQLite keeps a database in a file: there is no server to judge on.",
            f"Leave --database-url out for SQLite. {_write()}",
        )
    if name not in DIALECTS:
        meant = "postgresql" if name.startswith("postgres") else None
        said = f"The lab knows no database server of the kind {name!r}."
        raise BadURL(said, f"Write {meant}+psycopg://" if meant else _write())
    if "@" in (url.host or ""):
        raise BadURL(
            "The database URL has more than one @.", "In a user or a password, write @ as %40."
        )
    dialect = DIALECTS[name]
    if not driver:
        # Each SQLAlchemy has another driver in mind where none is named.
        url = url.set(drivername=f"{name}+{DRIVERS[dialect]}")
    found = DatabaseURL(url, dialect)
    for one in (found.own_driver, url):
        _must_have_driver(one, dialect)
    return found


def from_environment(variable: str) -> DatabaseURL | None:
    """Return the database that an environment variable names, if it is set. Raises as parse()."""
    text = os.environ.get(variable)
    return parse(text) if text else None


def _must_have_driver(url: URL, dialect: Dialect) -> None:
    from sqlalchemy.exc import NoSuchModuleError

    try:
        url.get_dialect().import_dbapi()
    except NoSuchModuleError as error:
        raise BadURL(
            f"SQLAlchemy knows no driver {url.get_driver_name()!r} for {NAMES[dialect]}.", _write()
        ) from error
    except ImportError as error:
        missing = error.name or url.get_driver_name()
        own = missing.partition(".")[0] == DRIVERS[dialect]
        raise LabError(
            f"The Python package {missing}, which talks to {NAMES[dialect]}, is not installed.",
            f'Install it: `pip install "persistence-lab[{dialect}]"`.'
            if own
            else f'Install it: `pip install "{missing}"`. Or let the URL begin with '
            f"{dialect}+{DRIVERS[dialect]}://, for the driver that the lab uses itself.",
        ) from error


def _write() -> str:
    return "Write " + " or ".join(EXAMPLES.values()) + "."
