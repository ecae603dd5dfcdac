"""What the probe's events hold, as far as anything is read of them.

They come from the app's own process, so that an app can send some itself. One that is not as the
probe sends it must end that app, and not whoever reads it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import PurePath, PureWindowsPath
from typing import Any

from lab.workspace.files import LONGEST_NAME
from lab.workspace.private_copy import LONGEST_PATH

Test = Callable[[Any], bool]


def is_sound(event: Any) -> bool:
    """Whether an event has all that its readers look for, each of its kind."""
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return False
    is_number = isinstance(event.get("at"), int | float)
    return is_number and _has(event, EVENTS.get(event["event"], {})) and _stays_inside(event)


def _has(data: Any, fields: Mapping[str, type | Test]) -> bool:
    return isinstance(data, dict) and all(
        name in data and _is(data[name], test) for name, test in fields.items()
    )


def _is(value: Any, test: type | Test) -> bool:
    return isinstance(value, test) if isinstance(test, type) else test(value)


def _stays_inside(event: dict[str, Any]) -> bool:
    """Whether a file that is said to be in the app's folder is, by its path."""
    if event["event"] != "database" or not event["inside"]:
        return True
    path = event["path"]
    is_absolute = PurePath(path).is_absolute() or PureWindowsPath(path).is_absolute()
    return _can_be(path) and not is_absolute and ".." not in PurePath(path).parts


def _can_be(path: str) -> bool:
    """Whether a database can have such a path: who looks for one that cannot gets an error."""
    try:
        name = os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return (
        0 < len(name) <= LONGEST_PATH
        and b"\0" not in name
        and max(map(len, name.split(b"/"))) <= LONGEST_NAME
    )


def _or_none(test: type | Test) -> Test:
    return lambda value: value is None or _is(value, test)


def _list_of(test: Test) -> Test:
    return lambda value: isinstance(value, list) and all(map(test, value))


def _frame(value: Any) -> bool:
    return _has(value, FRAME) and len(value) == len(FRAME)


def _crash(value: Any) -> bool:
    return _has(value, {"kind": str, "message": str, "frame": _or_none(_frame)})


def _pair(value: Any) -> bool:
    return isinstance(value, list) and [type(text) for text in value] == [str, str]


def _column(value: Any) -> bool:
    return _has(value, {"name": str, "type": str})


def _model(value: Any) -> bool:
    return _has(value, {"name": str, "table": _or_none(str), "columns": _list_of(_column)})


FRAME = {"file": str, "line": int, "function": str, "text": str}
REQUEST = {"request": _or_none(int)}
WHERE = REQUEST | {"frame": _or_none(_frame)}
EVENTS: dict[str, Mapping[str, type | Test]] = {
    "hello": {"token": str},
    "listening": {"port": int},
    "serving": {"app": str, "documents": _list_of(_pair), "docs": _or_none(str)},
    "no_app": {"message": str},
    "crash": {"crash": _crash},
    "request": {"request": int, "method": str, "path": str, "query": str},
    "response": {"request": int, "status": int},
    "done": {"request": int, "port": _or_none(int), "crash": _or_none(_crash)},
    "where": {"frame": _or_none(_frame)},
    "held": REQUEST | {"can_wait": bool},
    "reached": REQUEST | {"moment": str},
    "database": {"path": str, "inside": bool, "frame": _or_none(_frame)},
    "connected": {"dialect": str},
    "models": {"models": _list_of(_model)},
    "entered": WHERE | {"yields": bool},
    "checkout": WHERE | {"connection": int},
    "checkin": WHERE | {"connection": int},
    "session_opened": WHERE | {"session": int},
    "session_closed": WHERE | {"session": int},
    "sql": WHERE | {"sql": str, "values": str, "seconds": float, "session": _or_none(int)},
    "database_error": REQUEST | {"crash": _crash},
    "flush": WHERE,
    "commit": WHERE,
    "rollback": WHERE,
}
