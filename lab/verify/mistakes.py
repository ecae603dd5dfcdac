"""Errors that beginners meet, explained from what the server said when they happened."""

from __future__ import annotations

from lab.model import Crash, Exchange

NO_TABLE = (
    "The database that was asked has no such table. What makes the tables has not run, did not "
    "come to its end, worked on another database, or did not know this model yet."
)
NO_COLUMN = (
    "The model has a column that the table in the database lacks. create_all() never changes a "
    "table that exists; a migration does, where it runs on this very database."
)
# (what the error message holds, what it means). The first that fits is used.
KNOWN = (
    ("no such table", NO_TABLE),
    ("no such column", NO_COLUMN),
    ("has no column named", NO_COLUMN),
    (
        "readonly database",
        "The server still holds the database file that was deleted. It cannot write to it.",
    ),
    (
        "invalid keyword argument",
        "The endpoint hands the model a field that the model does not have: schema and model "
        "have drifted apart.",
    ),
    (
        "NOT NULL constraint failed",
        "A column that must have a value got none: neither the request nor a default gave one.",
    ),
    (
        "QueuePool limit",
        "Every connection of the pool was taken and none came back: sessions are opened that "
        "nobody closes.",
    ),
    (
        "has been rolled back",
        "An earlier request failed and left its session broken. A session is for one request.",
    ),
    (
        "is not persistent within this Session",
        "The object is not in the database: it was never flushed or committed.",
    ),
    (
        "attempted to be refreshed",
        "The object is not in the database: it was never flushed or committed.",
    ),
    (
        "Could not refresh instance",
        "The object is not in the database: it was never flushed or committed.",
    ),
    (
        "duplicate column name",
        "The table has this column already, and the statement adds it once more. Does it run at "
        "every start?",
    ),
    (
        "Cannot add a NOT NULL column",
        "The rows that are there would have no value in it, and the column allows no NULL. A "
        "default in Python is for new rows; what gives the old ones a value?",
    ),
    (
        "already exists",
        "What the statement makes is there already, from an earlier start or an earlier try.",
    ),
    (
        "unable to open database file",
        "SQLite can neither open nor make the file. Is there such a folder? May the app make a "
        "file that is not there?",
    ),
    (
        "because it is a view",
        "There is a view where the model has a table: it can be read, and nothing can be written.",
    ),
    (
        "is not among the defined enum values",
        "The row has a value that the model's Enum does not know. Compare what is in the table "
        "with the members' names.",
    ),
    (
        "isoformat",
        "A value in the table is no date or time, and the column's type asks for one.",
    ),
    (
        "is not bound to a Session",
        "The todo is read after its session has let go of it. A commit forgets the values, and "
        "reading them again takes a session that is still open.",
    ),
    (
        "validation error for",
        "An object does not fit the schema that it is put into: the error names field and reason.",
    ),
    (
        "validation error",
        "What the endpoint returned does not fit the response schema: the error names the field "
        "and the value. Is it so in the table, or did it become so on the way?",
    ),
    ("UndefinedColumn", NO_COLUMN),
    ("Unknown column", NO_COLUMN),
    ("UndefinedTable", NO_TABLE),
    (
        '_pkey"',
        "The id is taken already: the server's own counting does not know of the rows that came "
        "with their ids.",
    ),
    (
        "server closed the connection",
        "The database server has ended this connection, and the pool did not know of it.",
    ),
    (
        "terminating connection",
        "The database server has ended this connection, and the pool did not know of it.",
    ),
    (
        "Lost connection to MySQL",
        "The database server has ended this connection, and the pool did not know of it.",
    ),
    (
        "duplicate key value",
        "Two rows would have the same value in a column that allows each value once.",
    ),
    (
        "Duplicate entry",
        "Two rows would have the same value in a column that allows each value once.",
    ),
    (
        "UNIQUE constraint failed",
        "Two rows would have the same value in a column that allows each value once.",
    ),
)
BY_STATUS = {
    404: "There is no such route, or the todo was not found. Are method and path spelled right?",
    405: "The path exists, but not for this method.",
}
PLACES = {"query": "in the query", "body": "in the body", "path": "in the path"}


def explain(answer: Exchange, refused: Crash | None = None) -> str:
    """What an unwelcome answer means and where to look, from the error that was seen.

    `refused` is what the database refused meanwhile, also where the app has caught it.
    """
    crash = answer.crash or (refused if answer.status >= 400 else None)
    if crash:
        return meaning(crash) or raised(crash, "endpoint" if answer.crash else "database")
    if answer.status == 422:
        return unfit(answer)
    if answer.status in BY_STATUS:
        return BY_STATUS[answer.status]
    return f"The app itself answers {answer.status}, and a 2xx was to come. Which line does so?"


def meaning(crash: Crash) -> str | None:
    """What an error that beginners meet means; None for any other."""
    return next((means for sign, means in KNOWN if sign in crash.message), None)


def raised(crash: Crash, by: str) -> str:
    """Where an error came from, for one that has no explanation."""
    line = f" at {crash.frame.file}, line {crash.frame.line}" if crash.frame else ""
    return f"The {by} raised {crash.kind}{line}. The server's log has it whole."


def unfit(answer: Exchange) -> str:
    """What FastAPI found wrong with a request, from its own answer."""
    detail = answer.json.get("detail") if isinstance(answer.json, dict) else None
    first = detail[0] if isinstance(detail, list) and detail else None
    if not isinstance(first, dict) or not isinstance(first.get("loc"), list) or not first["loc"]:
        return "The request was refused with 422: its answer says why."
    place, *names = map(str, first["loc"])
    name = ".".join(names) or "the whole"
    return (
        f"FastAPI refused the request: {name} {PLACES.get(place, place)}: {first.get('msg')}. "
        "What does the code ask for there, and what does the task?"
    )
