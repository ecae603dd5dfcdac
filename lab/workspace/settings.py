"""What a workspace remembers: which app is the learner's, and where that has its todos."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.model import LabError, UsageError
from lab.workspace import files
from lab.workspace.resource import TODOS

_APP = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_PATH = re.compile(r"/|(/[^/?#\s\ud800-\udfff]+)+/?")  # half a character is none


@dataclass(frozen=True)
class Settings:
    """The learner's app, and the path of its todos."""

    app: str | None = None  # "module:attribute"; None where nobody has said it
    todos: str = TODOS


def checked_app(app: str | None) -> str | None:
    """Return the app as it is. Raises UsageError where it is not of the form MODULE:ATTR."""
    if app is not None and not _APP.fullmatch(app):
        raise UsageError(
            f"`{app}` does not name an app.", "Write MODULE:ATTR, for example `main:app`."
        )
    return app


def checked_todos(path: str | None) -> str | None:
    """Return the path as it is. Raises UsageError where it is no path of an API."""
    if path is not None and not _PATH.fullmatch(path):
        raise UsageError(
            f"`{path}` is no path of an API.", "It begins with a slash, for example `/api/tasks`."
        )
    return path


def write(folder: Path, settings: Settings) -> None:
    """Write the settings of the workspace in the folder. Raises OSError, LinkRefused."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    kept = {"schema": 1, "app": settings.app, "todos": settings.todos, "created": created}
    files.write(_path(folder), json.dumps(kept, indent=1).encode() + b"\n", root=folder)


def read(folder: Path) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings of the workspace in the folder, and notices.

    What cannot be read is set aside. Raises LabError for the settings of a newer lab, Unreadable,
    LinkRefused.
    """
    try:
        found = json.loads(files.read(_path(folder), folder))
    except FileNotFoundError:
        return Settings(), ()
    except (ValueError, RecursionError):
        return Settings(), _set_aside(folder)
    match found:
        case {"schema": 1, "app": app, "created": str(), **rest} if _is_app(app):
            todos = rest.get("todos", TODOS)
            if isinstance(todos, str) and _PATH.fullmatch(todos):
                return Settings(app, todos), ()
        case {"schema": int(schema)} if schema > 1:
            raise LabError(
                f"{folder} was made by a newer version of the lab.",
                "Bring the lab up to date: `pip install --upgrade persistence-lab`.",
            )
    return Settings(), _set_aside(folder)


def _path(folder: Path) -> Path:
    return folder / ".lab" / "state.json"


def _is_app(app: object) -> bool:
    return app is None or (isinstance(app, str) and _APP.fullmatch(app) is not None)


def _set_aside(folder: Path) -> tuple[str, ...]:
    path = _path(folder)
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"{path.name}.damaged-{now}")
    said = f"The lab's settings in {path} cannot be read, so it uses its defaults."
    try:
        files.rename(path, aside.name, folder)
        write(folder, Settings())
    except OSError:
        return (said,)
    return (f"{said} They are kept as {aside.name}; an app of your own is named with `--app`.",)
