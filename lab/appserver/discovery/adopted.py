"""What the app of a project offers for its todos, learned on a copy of it."""

from __future__ import annotations

from contextlib import suppress

from lab.appserver.discovery.login import wants_login
from lab.appserver.discovery.todo_list import Several, discover, take_login
from lab.appserver.launchers import Launcher
from lab.appserver.staged import staged
from lab.model import AppFailed
from lab.workspace.resource import TODOS, Resource
from lab.workspace.workspace import Workspace


def discovered(workspace: Workspace, launcher: Launcher) -> Resource | Several | None:
    """Return what the workspace's app offers, with its login where that can be learned.

    None where it has no list of todos. Raises AppFailed where it does not start or answer.
    """
    with staged(workspace, launcher) as server:
        server.start()
        found = discover(server, workspace.todos if workspace.todos != TODOS else None)
        if not isinstance(found, Resource):
            return found
        server.resource = found
        lists = server.get(TODOS)
        if wants_login(lists):
            take_login(server, lists)
        return server.resource


def resource_of(workspace: Workspace, launcher: Launcher) -> Resource:
    """Return what is asked for as todos: what an app offers that the lab has not made.

    What every app of the lab's own has, where it offers none that is sure.
    """
    if workspace.app is not None or workspace.is_read_only:
        with suppress(AppFailed):  # whoever starts it next will tell
            found = discovered(workspace, launcher)
            if isinstance(found, Resource):
                return found
    return Resource.at(workspace.todos)
