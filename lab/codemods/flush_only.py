"""FlushOnly: writes that no transaction keeps."""

from __future__ import annotations

from dataclasses import dataclass

from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project
from lab.codemods.session_dependency import FACTORIES, SESSIONS
from lab.model import AlreadyThere

BY_HAND = "Look for what ends each write, and change it by hand: flush() for commit()."


@dataclass(frozen=True)
class FlushOnly:
    """Every commit() of a session becomes a flush()."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files in which something was committed."""
        names = {project.original_name(found.path, found.node) for found in project.every(cst.Name)}
        if not names & (SESSIONS | FACTORIES):
            raise project.refuse("Your code opens no session of SQLAlchemy.", BY_HAND)
        if commits := _called(project, "commit"):
            changes: Changes = dict.fromkeys(
                commits, lambda node: node.with_changes(attr=cst.Name("flush"))
            )
            return project.rewrite(changes)
        if _called(project, "flush"):
            raise AlreadyThere(
                "Your code flushes its writes and commits none of them.", "Repair it first."
            )
        raise project.refuse("No commit() of a session was found in your code.", BY_HAND)


def _called(project: Project, method: str) -> list[cst.Attribute]:
    """Return what stands before the brackets of each call such as `db.commit()`."""
    return [
        found.node.func
        for found in project.every(cst.Call)
        if isinstance(found.node.func, cst.Attribute)
        and found.node.func.attr.value == method
        and not found.node.args
    ]
