"""UnguardSession: a session that is closed only where the request succeeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Project
from lab.codemods.session_dependency import (
    CLOSING,
    Exit,
    closes,
    find_dependency,
    find_exit,
    find_opening,
    unclear,
    up_to_exit,
    with_body,
)
from lab.codemods.tree import (
    Statement,
    called_method,
    code,
    contains,
    every,
    new_statement,
    statements,
)
from lab.model import AlreadyThere


@dataclass(frozen=True)
class UnguardSession:
    """The session is closed after `yield`, and not in a `finally`."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the file of the dependency."""
        found = find_dependency(project)
        exit = find_exit(project, found)
        opening = find_opening(project, found)
        guarded = opening.block is not None and contains(opening.block, exit)
        guarded |= any(
            contains(item.body, exit) and item.finalbody is not None and closes(item.finalbody)
            for item in every(found.node.body, cst.Try)
        )
        if isinstance(exit, cst.Return) or not guarded:
            raise AlreadyThere(
                f"{found} does not close its session where a request fails.", "Repair it first."
            )
        if opening.name is None or (opening.block and ".begin(" in code(opening.block.items[0])):
            raise unclear(project, found)
        closing = f"{'await ' if opening.waits else ''}{opening.name}.close()"
        lines = [
            *up_to_exit(project, found, opening, exit, "yield"),
            *_after(found.node.body, exit),
            new_statement(project.modules[found.path], closing),
        ]
        change = partial(with_body, lines=lines, returns=found.node.returns)
        return project.rewrite({found.node: change})


def _after(body: cst.BaseSuite, exit: Exit) -> list[Statement]:
    """Return what follows the exit in its own block, but not what closes the session."""
    for block in every(body, cst.IndentedBlock):
        lines = statements(block)
        for place, line in enumerate(lines):
            if isinstance(line, cst.SimpleStatementLine) and contains(line, exit):
                return [item for item in lines[place + 1 :] if called_method(item) not in CLOSING]
    return []
