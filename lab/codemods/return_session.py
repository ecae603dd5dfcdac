"""ReturnSession: a session that nobody closes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Project
from lab.codemods.session_dependency import (
    find_dependency,
    find_exit,
    find_opening,
    must_not_commit,
    up_to_exit,
    with_body,
    without_generator,
)
from lab.model import AlreadyThere


@dataclass(frozen=True)
class ReturnSession:
    """The session dependency returns its session, so that nobody closes it."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the file of the dependency."""
        found = find_dependency(project)
        exit = find_exit(project, found)
        if isinstance(exit, cst.Return):
            raise AlreadyThere(
                f"{found} returns its session already.", "Repair it first, or go on from here."
            )
        must_not_commit(project, found)
        lines = up_to_exit(project, found, find_opening(project, found), exit, "return")
        returns = without_generator(found.node.returns)
        change = partial(with_body, lines=lines, returns=returns)
        return project.rewrite({found.node: change})
