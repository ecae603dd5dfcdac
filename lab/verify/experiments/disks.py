"""The disks that a power cut could leave of a checked API."""

from __future__ import annotations

from lab.faults.errors import MakesNoTodos
from lab.faults.power_cut import Tried, try_disks
from lab.model import AppFailed, CheckFailed, NotApplicable, NotPossible
from lab.verify.todos import Todos


def cut_power(todos: Todos) -> Tried:
    """Make some todos, and try every disk that a power cut could leave.

    Raises AppFailed, CheckFailed where no todo can be made, NotApplicable where nothing is to cut.
    """
    try:
        return try_disks(todos.server)
    except AppFailed:
        raise
    except MakesNoTodos as failed:
        raise CheckFailed("POST /todos creates a todo", failed.message, failed.remedy) from failed
    except NotPossible as reason:
        raise NotApplicable("a disk whose writes and syncs can be seen", reason.message) from reason
