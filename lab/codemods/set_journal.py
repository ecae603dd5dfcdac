"""SetJournal: in which mode SQLite keeps its journal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Literal

from lab.codemods.engines import find_engine, no_file
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project
from lab.codemods.tree import bindings, new_statement
from lab.model import AlreadyThere

PRAGMA = re.compile(r"(PRAGMA\s+journal_mode\s*=\s*)(\w+)", re.IGNORECASE)
LISTENER = """\
@event.listens_for({engine}, "connect")
def set_journal_mode(connection, record):
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode={mode}")
    cursor.close()
"""


@dataclass(frozen=True)
class SetJournal:
    """Each new connection sets this journal mode of SQLite."""

    mode: Literal["WAL", "DELETE"]

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files with a pragma, or that of the engine with a new one below it."""
        changes: Changes = {}
        there = False
        for found in project.every(cst.SimpleString):
            match = PRAGMA.search(found.node.raw_value)
            if match and match[2].upper() == self.mode:
                there = True
            elif match:
                text = PRAGMA.sub(rf"\g<1>{self.mode}", found.node.value)
                changes[found.node] = partial(_with_value, value=text)
        if there and not changes:
            raise AlreadyThere(f"Each connection sets journal_mode={self.mode} already.")
        return project.rewrite(changes) if changes else _listening(project, self.mode)


def _with_value(node: cst.CSTNode, value: str) -> cst.CSTNode:
    return node.with_changes(value=value)


def _listening(project: Project, mode: str) -> dict[str, bytes]:
    """Return the engine's module with a listener below the engine."""
    by_hand = f"By hand: run PRAGMA journal_mode={mode} on each new connection, in a connect event."
    engine = find_engine(project, by_hand)
    if engine.url.in_memory:
        raise no_file(engine)
    path, module = engine.found.path, project.modules[engine.found.path]
    named = [
        (place, name)
        for place, line in enumerate(module.body, 1)
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
        for name, value in bindings(small)
        if value is engine.call
    ]
    if not named:
        raise project.refuse(f"The engine in {path} has no name at the top level.", by_hand)
    place, name = named[0]
    target = f"{name}.sync_engine" if engine.waits else name
    gap = [cst.EmptyLine(indent=False)] * 2
    listener = new_statement(module, LISTENER.format(engine=target, mode=mode))
    body = [*module.body[:place], listener.with_changes(leading_lines=gap), *module.body[place:]]
    for item in body[place + 1 : place + 2]:
        own = [above for above in getattr(item, "leading_lines", ()) if above.comment]
        body[place + 1] = item.with_changes(leading_lines=[*gap, *own])
    changes: Changes = {module: lambda tree: tree.with_changes(body=body)}
    return project.rewrite(changes, (path, "sqlalchemy", "event"))
