"""Making workspaces that have been run once: the database is there, with a few todos in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from lab.appserver.discovery import Several, discover, wants_login
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.model import AppFailed, NoTodos, NoWorkspace
from lab.workspace import workspace as workspaces
from lab.workspace.resource import TODOS, Resource
from lab.workspace.settings import checked_todos
from lab.workspace.workspace import Workspace

FIRST_TODOS = ("Read the task", "Change the code", "Restart the server")


def created(folder: Path, launcher: Launcher) -> Workspace:
    """A new workspace with the reference API. Raises UsageError, CannotWrite."""
    return workspaces.create(folder, prepare=_seeding(launcher))


def adopted(
    source: Path, folder: Path, app: str | None, launcher: Launcher, todos: str | None = None
) -> Workspace:
    """A new workspace with a copy of an existing project, as it is, with its list at `todos`.

    A notice says where it has no list of todos to ask for.
    Raises UsageError, CannotWrite, and AppFailed where its app does not start.
    """
    workspaces.must_be_adoptable(source, folder, app)
    with tempfile.TemporaryDirectory(prefix="lab-adopt-") as temporary:
        stage = Path(temporary) / "app"
        Workspace.read_only(source, app).stage(stage)
        with Server(stage, launcher, app) as server:
            server.start()
            found = server.app
            path, notices = _todos(server, checked_todos(todos))
    assert found
    made = workspaces.adopt(source, folder, found, path)
    return replace(made, notices=made.notices + notices)


def _todos(server: Server, named: str | None) -> tuple[str, tuple[str, ...]]:
    """The path of the app's todos, and what is to be said of them."""
    with suppress(AppFailed):  # the exercises will tell
        found = discover(server, named)
        if isinstance(found, Several):
            return TODOS, (f"{found}: say which, `lab init --todos PATH`.",)
        if found is None and server.get(TODOS).status in (404, 405):
            problem = NoTodos()
            return TODOS, (f"{problem.message} {problem.remedy}",)
        server.resource = found or server.resource
        return server.resource.todos, tuple(_notices(server))
    return named or TODOS, ()


def _notices(server: Server) -> Iterator[str]:
    """What differs from what the exercises say, and what of them cannot be judged."""
    resource = server.resource
    if resource.todos != TODOS:
        yield f"The todos are at {resource.todos}: read that where an exercise says {TODOS}."
    if wanted := wants_login(server):
        yield f"{wanted}. No exercise can be judged so."
        return
    if resource != Resource.at(resource.todos):
        yield f"I take {resource}."
    lacks = [
        what
        for what, there in (
            ("change a todo", resource.change or resource.complete),
            ("delete one", resource.delete),
        )
        if not there
    ]
    if lacks:
        yield f"I find no request to {' or to '.join(lacks)}: what is about that is not applicable."


def found_or_created(
    here: Path, folder: Path | None, app: str | None, launcher: Launcher
) -> Workspace:
    """The workspace that is meant; a new one in `my-todos` where there is none at all."""
    try:
        return workspaces.find(here, folder, app)
    except NoWorkspace:
        if folder is not None or app is not None:
            raise
    return created(here / "my-todos", launcher)


def _seeding(launcher: Launcher) -> Callable[[Path], None]:
    def seed(folder: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="lab-init-") as temporary:
            stage = Path(temporary) / "app"
            Workspace.read_only(folder).stage(stage)
            with Server(stage, launcher) as server:
                server.start()
                for title in FIRST_TODOS:
                    server.post("/todos", {"title": title})
                server.stop()
                for path in server.databases():
                    shutil.move(path, folder / path.name)  # often to another file system

    return seed
