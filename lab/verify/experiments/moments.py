"""When a todo was made, as an API says it: in any notation, with an offset or without one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from lab.answers import Todo
from lab.model import CheckFailed, NotApplicable
from lab.verify.todos import Todos

FIELD = "created_at"
FAR = timezone(timedelta(hours=5, minutes=45))  # whoever mistakes it for UTC is seen anywhere
FAR_NAME = "FAR-5:45"  # as TZ has it: what is to be added for UTC, with no names to look up
TICK = 1.1  # seconds from one todo to the next: whole seconds, as SQLite's own clock has, will do


@dataclass(frozen=True)
class Made:
    """A todo that was made between two moments, in seconds since 1970."""

    todo: Todo
    began: float
    ended: float


def make_two(todos: Todos) -> tuple[Made, Made]:
    """Make two todos at different moments."""
    first = make(todos, "made first")
    time.sleep(TICK)
    return first, make(todos, "made later")


def make(todos: Todos, title: str) -> Made:
    """Make a todo. It is then as the list has it."""
    began = time.time()
    made = todos.create(title)
    ended = time.time()
    (found,) = todos.present([made])[:1] or [made]
    if FIELD not in found:
        raise NotApplicable(f"a {FIELD} in each todo", f"{', '.join(found)}")
    return Made(found, began, ended)


def moments(todo: Todo, zone: timezone | None = None) -> tuple[float, ...]:
    """Return when a todo was made: without an offset, that may be in UTC or in the local time.

    The local time is that of the `zone` in which the server runs; None: of this machine.
    A number may be of seconds, or of milliseconds as JavaScript has them. Raises CheckFailed where
    it is no moment.
    """
    said = todo.get(FIELD)
    if isinstance(said, int | float) and not isinstance(said, bool):
        return float(said), said / 1000
    try:
        moment = _read(str(said))
    except ValueError as error:
        raise CheckFailed(
            expected=f"{FIELD} is a date and a time",
            actual=f"{FIELD} = {said!r}",
            help="Who gives a todo its moment, and in which type?",
        ) from error
    if moment.tzinfo:
        return (moment.timestamp(),)
    return moment.replace(tzinfo=UTC).timestamp(), moment.replace(tzinfo=zone).timestamp()


def _read(said: str) -> datetime:
    """Read a moment as ISO 8601 has it, or as a mail has it and a header of HTTP."""
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        return parsedate_to_datetime(said)
