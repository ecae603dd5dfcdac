"""SetPragma: a setting of SQLite that each new connection makes."""

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

LISTENER = """\
@event.listens_for({engine}, "connect")
def set_{name}(connection, record):
    cursor = connection.cursor()
    cursor.execute("PRAGMA {name}={value}")
    cursor.close()
"""


@dataclass(frozen=True)
class SetPragma:
    """Each new connection sets this pragma of SQLite to this value."""

    name: Literal["journal_mode", "synchronous"]
    value: str

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files with a pragma, or that of the engine with a new one below it."""
        pragma = re.compile(rf"(PRAGMA\s+{self.name}\s*=\s*)(\w+)", re.IGNORECASE)
        changes: Changes = {}
        there = False
        for found in project.every(cst.SimpleString):
            match = pragma.search(found.node.raw_value)
            if match and match[2].upper() == self.value:
                there = True
            elif match:
                text = pragma.sub(rf"\g<1>{self.value}", found.node.value)
                changes[found.node] = partial(_with_value, value=text)
        if there and not changes:
            raise AlreadyThere(f"Each connection sets {self.name}={self.value} already.")
        return project.rewrite(changes) if changes else _listening(project, self)


def _with_value(node: cst.CSTNode, value: str) -> cst.CSTNode:
    return node.with_changes(value=value)


def _listening(project: Project, pragma: SetPragma) -> dict[str, bytes]:
    """Return the engine's module with a listener below the engine."""
    said = f"PRAGMA {pragma.name}={pragma.value}"
    by_hand = f"By hand: run {said} on each new connection, in a connect event."
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
    listener = new_statement(
        module, LISTENER.format(engine=target, name=pragma.name, value=pragma.value)
    )
    body = [*module.body[:place], listener.with_changes(leading_lines=gap), *module.body[place:]]
    for item in body[place + 1 : place + 2]:
        own = [above for above in getattr(item, "leading_lines", ()) if above.comment]
        body[place + 1] = item.with_changes(leading_lines=[*gap, *own])
    changes: Changes = {module: lambda tree: tree.with_changes(body=body)}
    return project.rewrite(changes, (path, "sqlalchemy", "event"))
