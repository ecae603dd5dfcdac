"""UnguardSession: a session that is closed only where the request succeeds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from lab.codemods.edit import written
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Project
from lab.codemods.session_dependency import (
    closes,
    find_dependency,
    find_exit,
    find_opening,
    is_closing,
    unclear,
    until_exit,
    value_of,
    with_body,
)
from lab.codemods.tree import Statement, code, contains, every, new_statement, statements
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
        module = project.modules[found.path]
        *lines, last = until_exit(project, found, opening, exit)
        yielding = new_statement(module, f"yield {value_of(exit)}")
        closing = f"{'await ' if opening.waits else ''}{opening.name}.close()"
        lines += [
            yielding.with_changes(leading_lines=last.leading_lines),
            *_after(found.node.body, last),
            new_statement(module, closing),
        ]
        change = partial(with_body, lines=lines, returns=found.node.returns)
        return written(project.rewrite({found.node: change}))


def _after(body: cst.BaseSuite, line: Statement) -> list[Statement]:
    """Return what follows a line in its own block, but not what closes the session."""
    for block in every(body, cst.IndentedBlock):
        lines = statements(block)
        if line in lines:
            return [item for item in lines[lines.index(line) + 1 :] if not is_closing(item)]
    return []
