"""Where a todo is that the API has lost, or kept: what the files held between two starts."""

from __future__ import annotations

from collections.abc import Sequence

from lab.answers import Title, Todo
from lab.appserver.rows import todo_rows
from lab.appserver.server import Server

NO_DATABASE = (
    "The app has opened no SQLite file, so where does it keep its todos? Memory ends with the "
    "process. A file of another kind is as it was last written: before each answer, or later?"
)


def of_lost(server: Server, todo: Todo) -> str:
    """Return what the files say of a todo that was answered 2xx and is gone after a restart."""
    between = titles_between(server)
    if between is None and not server.databases():
        return NO_DATABASE
    if between is None:
        return (
            "Between the two starts there was no table of todos in any database file. Was it never "
            "there, or does something take it away, or the file, when the server stops?"
        )
    if Title(todo.get("title")) not in between:
        return never_sent(server, "INSERT") or (
            "While the server was off, no database file had this todo. It was answered 2xx: what "
            "makes it final, and does that run before the answer?"
        )
    if (files := other_files(server)) is not None:
        return f"While the server was off, the todo was in the file. But {files}."
    now = todo_rows(server.databases())
    if now and Title(todo.get("title")) in {Title(value) for row in now.rows for value in row}:
        return (
            "The todo is in the file, and was so while the server was off. So the answer does not "
            "come from there: what does this request look at?"
        )
    return (
        "While the server was off, the todo was in the file. So it was lost when the server "
        "started again: what does your code do to the tables, or to the file, at a start?"
    )


def of_changed(server: Server, value: object) -> str:
    """Return what the files say of a value that was answered 2xx and is another after a restart."""
    between = titles_between(server)
    if between is None and not server.databases():
        return NO_DATABASE
    if between and Title(value) in between:
        return (
            "While the server was off, the change was in the file. So the start has taken it back, "
            "or the answers come from somewhere else."
        )
    return never_sent(server, "UPDATE") or (
        "While the server was off, no database file had the new value, though PUT was answered "
        "2xx. What makes the change final, and does that run before the answer?"
    )


def of_returned(server: Server, todo: Todo) -> str:
    """Return what the files say of a todo that was deleted and is there again after a restart."""
    between = titles_between(server)
    if between and Title(todo.get("title")) in between:
        return (
            "DELETE was answered 2xx, and while the server was off the todo was still in the file. "
            + (never_sent(server, "DELETE") or "What makes the deletion final, and does it run?")
        )
    if between is None and not server.databases():
        return NO_DATABASE
    return "While the server was off, the todo was in no file. So a start makes it anew."


def of_burst(server: Server, titles: Sequence[str]) -> str:
    """Return what the files say of writes of a burst that are gone after it was cut short."""
    between = titles_between(server)
    if between is None and not server.databases():
        return NO_DATABASE
    lost = {Title(title) for title in titles}
    if between is None or not lost <= between:
        some = "some of what" if between and lost & between else "what"
        return (
            f"When the server was gone, {some} is lost was in no database file. Each of these "
            "writes was answered 2xx: what makes it final, and does that run before the answer?"
        )
    if (files := other_files(server)) is not None:
        return f"When the server was gone, what is lost was in the file. But {files}."
    return (
        "When the server was gone, what is lost was in the file. So it was lost when the server "
        "started again."
    )


def never_sent(server: Server, statement: str) -> str | None:
    """In words, that the app has sent no such statement; None where it has, or nobody can know.

    What is deleted may also be marked so, by an UPDATE.
    """
    sent = server.statements()
    by_update = statement == "DELETE" and "UPDATE" in sent
    if not server.dialects() or statement in sent or by_update:
        return None
    return (
        f"No {statement} was sent through SQLAlchemy. What should send it: does the session know "
        "of what your code has done to the object?"
    )


def titles_between(server: Server) -> set[Title] | None:
    """Every value of the table of todos between the last two starts; None where there was none."""
    rows = server.rows_at_restart()
    return {Title(value) for row in rows.rows for value in row} if rows else None


def other_files(server: Server) -> str | None:
    """In words, which files the process before and the one after had; None where the same."""
    if not server.running:
        return None
    now = {e["path"] for e in server.events.all("database") if e["inside"]}
    ever = {path.relative_to(server.folder).as_posix() for path in server.databases()}
    if not ever - now:
        return None
    before, after = (", ".join(sorted(names)) for names in (ever - now, now))
    return f"that was {before}, and the new process opened {after or 'no file'}"
