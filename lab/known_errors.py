"""Errors that beginners meet, explained from what the server said when they happened. No I/O."""

from __future__ import annotations

from lab.model import Crash

NO_TABLE = (
    "The database that was asked has no such table. What makes the tables has not run, did not "
    "come to its end, worked on another database, or did not know this model yet."
)
NO_JSON = (
    "What the endpoint returns cannot be made into JSON. What is it: todos, or something that "
    "holds them, such as the rows of a query?"
)
DAMAGED = (
    "The database file is damaged, or no SQLite file at all. Move it away: the app makes a new one "
    "when it starts, and the rows stay in the old one."
)
NO_TABLE_IN_MEMORY = (
    "The app has opened no file: its database is in memory, where each connection has one of its "
    "own, and this one has no such table. With StaticPool there is one connection for all; what is "
    "in memory ends with the process all the same."
)
NO_COLUMN = (
    "The model has a column that the table in the database lacks. create_all() never changes a "
    "table that exists; a migration does, where it runs on this very database."
)
NEVER_WRITTEN = "The object is not in the database: it was never flushed or committed."
ENDED = "The database server has ended this connection, and the pool did not know of it."
TAKEN = "Two rows would have the same value in a column that allows each value once."
# (what the error holds, what it means). The first that fits is used. At a start STARTING is first.
STARTING = (
    (
        "python-multipart",
        "FastAPI reads what a form sends, such as that of a login, with a package of its own, and "
        "that is not installed where the lab runs: `pip install python-multipart` there.",
    ),
    (
        "_run_ddl_visitor",
        "create_all() is not async, and the engine is. Inside `async with engine.begin() as "
        "connection:` it is `await connection.run_sync(Base.metadata.create_all)`.",
    ),
    (
        "greenlet_spawn has not been called",
        "What runs here asks the database through an async engine, and nobody awaits it. "
        "create_all() is not async: inside `async with engine.begin() as connection:` it is `await "
        "connection.run_sync(Base.metadata.create_all)`.",
    ),
    (
        "partially initialized module",
        "These two files import each other: one asked the other for a name before that had come "
        "to it. Which of the two can do without the other?",
    ),
    (
        "attempted relative import",
        "A dot in front of a module means this very package, and the app was started as if the "
        "file were in none. Name it from the folder above the package: --app PACKAGE.main:app.",
    ),
    (
        "Expected string or URL object, got None",
        "create_engine() got no URL. Where is it read from, and is it there when the app starts?",
    ),
    (
        "is not set in the environment",
        "The app asks the environment for it when it starts, and the lab hands no variables of "
        "yours to it. Give it a default; or, where your app reads a .env, write it there.",
    ),
    (
        "Field required",
        "These have no value and no default. Where they are settings: write them into a .env in "
        "your folder, for the lab hands no variables of yours to the app.",
    ),
    ("file is not a database", DAMAGED),
    ("disk image is malformed", DAMAGED),
)
KNOWN = (
    (
        "greenlet_spawn has not been called",
        "Reading this of the object asks the database, which takes an await: after a commit it has "
        "forgotten its values, after a change those that the database computes (func.now()), and "
        "what a relationship() leads to was never read. `await db.refresh(todo)` reads values "
        "again; expire_on_commit=False lets it keep them over a commit.",
    ),
    (
        "offset-naive and offset-aware",
        "SQLite forgets the offset: what is read from the table is naive, whatever was stored. One "
        "of the two times has an offset, and one has none. Let both be of one kind.",
    ),
    (
        "database is locked",
        "Another connection was writing, and this one did not get its turn in time. How long does "
        "a write keep the database to itself, and how long is the other ready to wait?",
    ),
    (
        "can only be used in that same thread",
        "sqlite3 refuses a connection to any thread but the one that made it, unless it was made "
        "with check_same_thread=False. FastAPI runs each `def` endpoint in some thread of a pool: "
        "which connection do they share? SQLAlchemy, left to itself, sees to it for a file.",
    ),
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
        "Every connection of the pool was taken, and none came back in time. Are there sessions "
        "that nobody closes, or more requests at once than the pool has connections? fix-3 tells "
        "them apart.",
    ),
    (
        "has been rolled back",
        "An earlier request failed and left its session broken. A session is for one request.",
    ),
    ("is not persistent within this Session", NEVER_WRITTEN),
    ("attempted to be refreshed", NEVER_WRITTEN),
    ("Could not refresh instance", NEVER_WRITTEN),
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
    ("Unable to serialize unknown type", NO_JSON),
    ("vars() argument must have __dict__", NO_JSON),
    ("UndefinedColumn", NO_COLUMN),
    ("Unknown column", NO_COLUMN),
    ("UndefinedTable", NO_TABLE),
    (
        '_pkey"',
        "The id is taken already: the server's own counting does not know of the rows that came "
        "with their ids.",
    ),
    ("server closed the connection", ENDED),
    ("terminating connection", ENDED),
    ("Lost connection to MySQL", ENDED),
    ("duplicate key value", TAKEN),
    ("Duplicate entry", TAKEN),
    ("UNIQUE constraint failed", TAKEN),
)


def lacks_table(crash: Crash) -> bool:
    """Whether a database has refused something for want of a table."""
    return meaning(crash) == NO_TABLE


def is_locked(crash: Crash) -> bool:
    """Whether a statement has waited in vain for another connection that writes."""
    return "database is locked" in crash.message


def lacks_connection(crash: Crash) -> bool:
    """Whether the pool had no connection for a request in time."""
    return crash.message.startswith("QueuePool limit")


def meaning(crash: Crash, *, starting: bool = False, in_memory: bool = False) -> str | None:
    """Explain an error that beginners meet; None for one that is not known.

    `starting` adds those of a start; `in_memory` changes what a missing table means.
    """
    if in_memory and "no such table" in crash.message:
        return NO_TABLE_IN_MEMORY
    known = (*STARTING, *KNOWN) if starting else KNOWN
    return next((means for sign, means in known if sign in crash.message), None)
