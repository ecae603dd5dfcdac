"""Errors that beginners meet, explained from what the server said when they happened."""

from __future__ import annotations

from lab.model import Exchange

# (what the error message holds, what it means). The first that fits is used.
KNOWN = (
    (
        "no such table",
        "The database has no such table. What makes the tables did not run before this request, "
        "or did not know this model yet.",
    ),
    (
        "no such column",
        "The model has a column that the table in the database lacks. A table that exists is "
        "never changed by create_all().",
    ),
    (
        "has no column named",
        "The model has a column that the table in the database lacks. A table that exists is "
        "never changed by create_all().",
    ),
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
        "attempted to be refreshed",
        "The object is not in the database: it was never flushed or committed.",
    ),
    (
        "Could not refresh instance",
        "The object is not in the database: it was never flushed or committed.",
    ),
    (
        "UNIQUE constraint failed",
        "Two rows would have the same value in a column that allows each value once.",
    ),
)
BY_STATUS = {
    404: "There is no such route, or the todo was not found. Are method and path spelled right?",
    405: "The path exists, but not for this method.",
    422: "FastAPI refused the request: its answer names the field, and what is wrong with it.",
}


def explain(answer: Exchange) -> str:
    """What an unwelcome answer means and where to look, from the error that was seen."""
    if answer.crash:
        for sign, meaning in KNOWN:
            if sign in answer.crash.message:
                return meaning
        where = answer.crash.frame
        line = f" at {where.file}, line {where.line}" if where else ""
        return f"The endpoint raised {answer.crash.kind}{line}. The server's log has it whole."
    if answer.status in BY_STATUS:
        return BY_STATUS[answer.status]
    return f"The server answered {answer.status}, and a 2xx was to come."
