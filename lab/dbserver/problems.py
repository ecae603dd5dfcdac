"""What a database server refuses, in a sentence and a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab.dbserver.url import BadURL, DatabaseURL
from lab.model import LabError, NotPossible


@contextmanager
def explaining(url: DatabaseURL) -> Iterator[None]:
    """Turn what SQLAlchemy raises inside into an error of the lab, without the password."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except DBAPIError as error:
        raise explained(error.orig or error, url) from None
    except SQLAlchemyError as error:
        raise _other(url, str(error)) from None


def explained(error: BaseException, url: DatabaseURL) -> LabError:
    """Return the error of the lab for what the driver raised."""
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    words = error.args[1:] if number else error.args
    said = url.hide(" ".join(map(str, words)) or type(error).__name__)
    state = getattr(error, "sqlstate", None) if url.dialect == "postgresql" else None
    if number == 1045 or "authentication failed" in said or "no password supplied" in said:
        return BadURL(
            f"{url.kind} at {url.place} refuses the user or the password.",
            "Look at both in the URL. What is neither letter nor digit in them is a number there, "
            "such as %40 for @ and %2F for /.",
        )
    if "role " in said and "does not exist" in said:
        return BadURL(
            f"{url.kind} at {url.place} does not know the user of the URL.",
            "Name one that exists: `psql -c '\\du'` lists them.",
        )
    if number == 1049 or ("database " in said and "does not exist" in said):
        return BadURL(
            f"There is no database {url.name} on {url.kind} at {url.place}.",
            f"Make it, with the SQL `CREATE DATABASE {url.name}`, or name another one.",
        )
    if number in (1044, 1142, 1227) or state == "42501" or "permission denied" in said:
        return LabError(
            f"The user of the URL may not do this on {url.kind} at {url.place}: "
            f"{_first_line(said)}",
            "The lab makes a database for each check and drops it: name a user who may do that "
            + ("(ALTER ROLE ... CREATEDB)." if url.dialect == "postgresql" else "(GRANT ALL)."),
        )
    if number in (2002, 2003) or _unreached(said):
        return LabError(
            f"No {url.kind} answers at {url.place}: {_first_line(said)}",
            "Is it started? Are host and port of the URL right?",
        )
    return _other(url, said)


def _unreached(said: str) -> bool:
    signs = ("refused", "resolve host", "translate host", "timeout", "timed out", "No such file")
    return any(sign in said for sign in signs)


def _other(url: DatabaseURL, said: str) -> NotPossible:
    return NotPossible(
        f"{url.kind} at {url.place} refuses: {_first_line(url.hide(said))}",
        "Try the same by hand, with the server's own client.",
    )


def _first_line(said: str) -> str:
    """Return the first line of a message, from where it says what is wrong."""
    line = said.strip().splitlines()[0] if said.strip() else "no reason given"
    for sign in ("FATAL:  ", "failed: "):
        line = line.rpartition(sign)[2]
    return line.rstrip(".") + "."
