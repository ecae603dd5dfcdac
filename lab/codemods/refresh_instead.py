"""RefreshInstead: a new todo is read back, and the session stays open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from lab.codemods.close_early import calling, commits_of_new_todo, is_call
from lab.codemods.edit import written
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project
from lab.codemods.tree import every
from lab.model import AlreadyThere

REFRESH = (
    "By hand: close the session only after the answer was made, as get_db does; and "
    "db.refresh(todo) after db.commit()."
)


@dataclass(frozen=True)
class RefreshInstead:
    """A new todo is read back after its commit, and the session not closed there."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files that change."""
        return written(refresh_instead(project))


def refresh_instead(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which a todo is read back after commit(), and not closed away.

    Raises AlreadyThere where nothing is closed there, EditNotApplicable where what is returned
    was not found.
    """
    changes: Changes = {}
    for found, _, following in commits_of_new_todo(project):
        if following is None or not is_call(following, "close"):
            continue
        returned = [item.value for item in every(found.node.body, cst.Return)]
        if len(returned) != 1 or not isinstance(returned[0], cst.Name):
            raise project.refuse(f"What {found} returns is not understood.", REFRESH)
        name = returned[0].value
        changes[following] = partial(calling, name="refresh", given=name)
    if changes:
        return project.rewrite(changes)
    if not commits_of_new_todo(project):
        raise project.refuse("It is not clear where a new todo is committed.", REFRESH)
    raise AlreadyThere(
        "No session is closed between the commit and the answer.", "There is nothing left to mend."
    )
