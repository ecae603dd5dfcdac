"""CreateEarly: the tables are created before any model is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lab.codemods.edit import written
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Found, Project
from lab.codemods.tables import find_model
from lab.codemods.tree import argument, contains, definitions, every, last_name, new_statement
from lab.model import AlreadyThere

Line: TypeAlias = "cst.SimpleStatementLine"
BY_HAND = (
    "Call create_all() by hand where no model is known yet: right below `class Base`, or above the "
    "class of your model."
)


@dataclass(frozen=True)
class CreateEarly:
    """create_all() runs right below the base class, where no model is known."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the file of the base class, and the one in which create_all() was called."""
        model, base = find_model(project), base_of_model(project, BY_HAND)
        created = creating_line(project, BY_HAND)
        if created is None:
            raise project.refuse("No line of its own that calls create_all() was found.", BY_HAND)
        body = list(project.modules[base.path].body)
        if created.path == base.path and index_of(body, created.node) < index_of(body, model.node):
            raise AlreadyThere(
                f"create_all() runs in {base.path} before the model is known.", "Repair it first."
            )
        engine = engine_of(project, created, BY_HAND)
        place = max(index_of(body, base.node), index_of(body, engine.node))
        if engine.path != base.path or place > index_of(body, model.node):
            raise project.refuse(f"In {base.path} there is no engine above the model.", BY_HAND)
        line = creating(project, base.path, f"{base.name}.metadata", engine.name, created)
        blank = [item for item in getattr(body[place], "leading_lines", ()) if not item.comment]
        notes = [item for item in created.node.leading_lines if item.comment]
        line = line.with_changes(leading_lines=[*blank, *notes])
        changes = without_line(project, created)
        changes[body[place]] = lambda node: cst.FlattenSentinel([node, line])
        return written(project.rewrite(changes))


@dataclass(frozen=True)
class Named:
    """Something that a module defines at its top level: the base class, or the engine."""

    path: str
    name: str
    node: cst.CSTNode


def base_of_model(project: Project, by_hand: str) -> Named:
    """Return the class that the model and others inherit their metadata from."""
    for item in project.ancestry(find_model(project)):
        if any(
            project.original_name(item.path, b.value) == "DeclarativeBase" for b in item.node.bases
        ):
            return Named(item.path, item.node.name.value, item.node)
        for base in item.node.bases:
            meant = project.resolve(item.path, base.value)
            if meant is not None and isinstance(meant.node, cst.Call):
                return Named(meant.path, _name_of(project, meant), meant.node)
    raise project.refuse("The base class of your model was not found in your code.", by_hand)


def _name_of(project: Project, found: Found[cst.CSTNode]) -> str:
    known = definitions(project.modules[found.path])
    return next((name for name, node in known.items() if node is found.node), "")


def creating_line(project: Project, by_hand: str) -> Found[Line] | None:
    """Return the line that calls create_all(); None where there is none of its own."""
    lines = [
        found
        for found in project.every(cst.SimpleStatementLine)
        if len(found.node.body) == 1
        and isinstance(found.node.body[0], cst.Expr)
        and isinstance(found.node.body[0].value, cst.Call)
        and last_name(found.node.body[0].value.func) == "create_all"
    ]
    if len(lines) > 1:
        names = " and ".join(found.path for found in lines)
        raise project.refuse(f"create_all() is called more than once: in {names}.", by_hand)
    return lines[0] if lines else None


def engine_of(project: Project, created: Found[Line] | None, by_hand: str) -> Named:
    if created is not None:
        call = every(created.node, cst.Call)[0]
        given = argument(call, "bind", 0)
        meant = project.resolve(created.path, given) if given is not None else None
        candidates = [meant] if meant is not None else []
    else:
        candidates = [
            Found[cst.CSTNode](path, node)
            for path, module in project.modules.items()
            for node in definitions(module).values()
            if isinstance(node, cst.Call)
            and project.original_name(path, node.func) == "create_engine"
        ]
    named = [(found, _name_of(project, found)) for found in candidates]
    if len(named) != 1 or not named[0][1]:
        raise project.refuse("The engine that the tables are created on was not found.", by_hand)
    found, name = named[0]
    return Named(found.path, name, found.node)


def index_of(body: Sequence[cst.CSTNode], node: cst.CSTNode, default: int = 1_000_000) -> int:
    """Return where in a block the statement stands that the node is part of."""
    return next((n for n, line in enumerate(body) if contains(line, node)), default)


def creating(
    project: Project, path: str, metadata: str, engine: str, like: Found[Line] | None
) -> Line:
    """Return the line that creates the tables, with the comment and the keyword of the old one."""
    call = every(like.node, cst.Call)[0] if like else None
    keyword = "bind=" if call is not None and argument(call, "bind") is not None else ""
    text = f"{metadata}.create_all({keyword}{engine})"
    line = cst.ensure_type(new_statement(project.modules[path], text), cst.SimpleStatementLine)
    return line.with_changes(trailing_whitespace=like.node.trailing_whitespace) if like else line


def without_line(project: Project, created: Found[Line]) -> Changes:
    """Return the change that takes the line away; `pass` stays where its block would be empty."""
    module = project.modules[created.path]
    for block in every(module, cst.IndentedBlock):
        if len(block.body) == 1 and block.body[0] is created.node:
            return {created.node: lambda node: new_statement(module, "pass")}
    changes: Changes = {created.node: lambda node: cst.FlattenSentinel[cst.CSTNode]([])}
    blank = [item for item in created.node.leading_lines if not item.comment]
    body = list(module.body)
    behind = body[index_of(body, created.node) + 1 :][:1]
    bare = behind and not getattr(behind[0], "leading_lines", ())
    if bare and any(line is created.node for line in body):
        changes[behind[0]] = lambda node: node.with_changes(leading_lines=blank)
    return changes
