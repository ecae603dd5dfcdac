"""Where a todo is that the API has lost, or kept: what the files held between two starts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from lab.answers import Title, Todo
from lab.appserver.server import Server

NO_DATABASE = (
    "The app has opened no SQLite file, so where does it keep its todos? Memory ends with the "
    "process. A file of another kind is as it was last written: before each answer, or later?"
)

NO_TODOS_TABLE = (
    "Between the two starts there was no table of todos in any database file. Was it never there, "
    "or does something take it away, or the file, when the server stops?"
)


def of_lost(server: Server, todo: Todo) -> str:
    """Return what the files say of a todo that was answered 2xx and is gone after a restart."""
    between, title = server.texts_at_restart(), todo.get("title")
    if not between:
        return NO_TODOS_TABLE if server.databases() else NO_DATABASE
    files = holding(between, title)
    if not files:
        return never_sent(server, "INSERT") or (
            "While the server was off, no database file had this todo. It was answered 2xx: what "
            "makes it final, and does that run before the answer?"
        )
    if elsewhere := moved(server, files):
        return f"While the server was off, the todo was in the file. But {elsewhere}."
    if holding(server.texts(), title):
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
    between = server.texts_at_restart()
    if not between and not server.databases():
        return NO_DATABASE
    if holding(between, value):
        return (
            "While the server was off, the change was in the file. So the start has taken it back, "
            "or the answers come from somewhere else."
        )
    return never_sent(server, "UPDATE") or (
        "While the server was off, no database file had the new value, though the change was "
        "answered 2xx. What makes the change final, and does that run before the answer?"
    )


def of_returned(server: Server, todo: Todo) -> str:
    """Return what the files say of a todo that was deleted and is there again after a restart."""
    between = server.texts_at_restart()
    if holding(between, todo.get("title")):
        return (
            "DELETE was answered 2xx, and while the server was off the todo was still in the file. "
            + (never_sent(server, "DELETE") or "What makes the deletion final, and does it run?")
        )
    if not between and not server.databases():
        return NO_DATABASE
    return "While the server was off, the todo was in no file. So a start makes it anew."


def of_burst(server: Server, titles: Sequence[str]) -> str:
    """Return what the files say of writes of a burst that are gone after it was cut short."""
    between = server.texts_at_restart()
    if not between and not server.databases():
        return NO_DATABASE
    files = [holding(between, title) for title in titles]
    if not all(files):
        some = "some of what" if any(files) else "what"
        return (
            f"When the server was gone, {some} is lost was in no database file. Each of these "
            "writes was answered 2xx: what makes it final, and does that run before the answer?"
        )
    if elsewhere := moved(server, files[0]):
        return f"When the server was gone, what is lost was in the file. But {elsewhere}."
    now = server.texts()
    if all(holding(now, title) for title in titles):
        return (
            "What is lost is in the file, and was so when the server was gone. So the answers do "
            "not come from there: what do these requests look at?"
        )
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


def holding(texts: Mapping[str, Collection[str]], title: object) -> list[str]:
    """Return the files in which a text is: as a value, or in one that is JSON."""
    text, quoted = Title(title), json.dumps(str(title))
    return [
        file
        for file, values in texts.items()
        if any(text == value or quoted in value for value in values)
    ]


def moved(server: Server, files: Collection[str]) -> str | None:
    """In words, that the running process has opened none of the files; None where it has one."""
    if not server.running or server.database_url:
        return None
    now = {e["path"] for e in server.events.all("database") if e["inside"]}
    if now.intersection(files):
        return None
    opened = ", ".join(sorted(now)) or "no file"
    return f"that was {', '.join(files)}, and the new process opened {opened}"
