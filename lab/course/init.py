"""Making workspaces that have been run once: the database is there, with a few todos in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from lab.appserver.discovery.login import wants_login
from lab.appserver.discovery.todo_list import Several, discover, take_login
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.appserver.staged import staged
from lab.model import AppFailed, NoTodos
from lab.workspace import creation
from lab.workspace.resource import TODOS, Resource
from lab.workspace.settings import checked_todos
from lab.workspace.workspace import DEFAULT, Workspace

README = "README.md"
README_TEXT = """\
# Your todo API

The code in `todos_app/` is yours: change it as you like. `todos.db` has its
todos, `answers.md` your own words, and `.lab/` what the lab keeps.

Type these in this folder.

## Start it

    lab serve

It starts anew at every save, and Ctrl+C stops it. Without the lab it is
`uvicorn todos_app.main:app --reload`.

## Look at it

- http://127.0.0.1:8000/docs has every request, each with a button to send it.
- `curl http://127.0.0.1:8000/todos` lists the todos.
- `sqlite3 todos.db "SELECT * FROM todos"` shows the rows, also while it is
  stopped.
- `lab trace GET /todos` shows one request from inside.

## Undo it

- `lab undo` takes back the lab's last change; `lab undo` again takes that back.
- `lab snapshots` lists all there is to go back to; `lab reset` goes back to the
  start.
- `lab diff` shows what has changed since then.

`lab` says what is next.
"""
FIRST_TODOS = ("Read the task", "Change the code", "Restart the server")


def created(folder: Path, launcher: Launcher) -> Workspace:
    """Make a workspace with the reference API and return it. Raises UsageError, CannotWrite."""
    return creation.create(folder, prepare=_seeding(launcher))


def adopted(
    source: Path, folder: Path, app: str | None, launcher: Launcher, todos: str | None = None
) -> Workspace:
    """Make a workspace of a copy of a project, with its list at `todos`, and return it.

    A notice says where it has no list of todos to ask for.
    Raises UsageError, CannotWrite, and AppFailed where its app does not start.
    """
    creation.must_be_adoptable(source, folder, app)
    with staged(Workspace.read_only(source, app), launcher) as server:
        server.start()
        found = server.app
        path, notices = _todos(server, checked_todos(todos))
    assert found
    made = creation.adopt(source, folder, found, path)
    return replace(made, notices=made.notices + notices)


def _todos(server: Server, named: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the path of the app's todos, and what is to be said of them."""
    with suppress(AppFailed):  # the exercises will tell
        found = discover(server, named)
        if isinstance(found, Several):
            return TODOS, (f"{found}: say which, `lab init --todos PATH`.",)
        if found is None and server.get(TODOS).status in (404, 405):
            problem = NoTodos()
            return TODOS, (f"{problem.message} {problem.remedy}",)
        server.resource = found or server.resource
        return server.resource.documented_path, tuple(_notices(server))
    return named or TODOS, ()


def _notices(server: Server) -> Iterator[str]:
    """Yield what differs from what the exercises say, and what of them cannot be judged."""
    if wants_login(lists := server.get("/todos")):
        wanted = take_login(server, lists)
        if wanted:
            yield f"{wanted}. No exercise can be judged so."
            return
    resource = server.resource
    if resource.todos != TODOS:
        at = resource.documented_path
        yield f"The todos are at {at}: read that where an exercise says {TODOS}."
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


@contextmanager
def temporary(launcher: Launcher) -> Iterator[Workspace]:
    """Give a new workspace for a first look; it is gone with the block."""
    with tempfile.TemporaryDirectory(prefix="lab-look-") as temporary:
        yield created(Path(temporary) / DEFAULT, launcher)


def _seeding(launcher: Launcher) -> Callable[[Path], None]:
    def seed(folder: Path) -> None:
        (folder / README).write_text(README_TEXT, "utf-8", newline="\n")
        with staged(Workspace.read_only(folder), launcher) as server:
            server.start()
            for title in FIRST_TODOS:
                server.post("/todos", {"title": title})
            server.stop()
            for path in server.databases():
                shutil.move(path, folder / path.name)  # often to another file system

    return seed
