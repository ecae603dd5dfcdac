"""CreateEarly: the tables are created before any model is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

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
        model, base, created = find_model(project), _base(project), _creating_line(project)
        body = list(project.modules[base.path].body)
        below = _place(body, model.node)
        if created.path == base.path and _place(body, created.node) < below:
            raise AlreadyThere(
                f"create_all() runs in {base.path} before the model is known.", "Repair it first."
            )
        engine, keyword = _engine(project, created)
        place = max(_place(body, base.node), _place(body, engine.node))
        if engine.path != base.path or place > below:
            raise project.refuse(f"In {base.path} there is no engine above the model.", BY_HAND)
        text = f"{_name(project, base)}.metadata.create_all({keyword}{_name(project, engine)})"
        blank = [item for item in getattr(body[place], "leading_lines", ()) if not item.comment]
        notes = [item for item in created.node.leading_lines if item.comment]
        line = new_statement(project.modules[base.path], text).with_changes(
            leading_lines=[*blank, *notes], trailing_whitespace=created.node.trailing_whitespace
        )
        changes = _without_line(project, created)
        changes[body[place]] = lambda node: cst.FlattenSentinel([node, line])
        return project.rewrite(changes)


def _base(project: Project) -> Found[cst.CSTNode]:
    """Return what the model and others inherit their metadata from: a class, or what makes one."""
    for item in project.ancestry(find_model(project)):
        for base in item.node.bases:
            if project.original_name(item.path, base.value) == "DeclarativeBase":
                return Found[cst.CSTNode](item.path, item.node)
            meant = project.resolve(item.path, base.value)
            if meant is not None and isinstance(meant.node, cst.Call):
                return meant
    raise project.refuse("The base class of your model was not found in your code.", BY_HAND)


def _name(project: Project, found: Found[cst.CSTNode]) -> str:
    """Return the name that something has at the top level of its module; "" where it has none."""
    known = definitions(project.modules[found.path])
    return next((name for name, node in known.items() if node is found.node), "")


def _creating_line(project: Project) -> Found[Line]:
    """Return the one line that calls create_all()."""
    lines = [
        found
        for found in project.every(cst.SimpleStatementLine)
        if len(found.node.body) == 1
        and isinstance(found.node.body[0], cst.Expr)
        and isinstance(found.node.body[0].value, cst.Call)
        and last_name(found.node.body[0].value.func) == "create_all"
    ]
    if not lines:
        raise project.refuse("No line of its own that calls create_all() was found.", BY_HAND)
    if len(lines) > 1:
        names = " and ".join(found.path for found in lines)
        raise project.refuse(f"create_all() is called more than once: in {names}.", BY_HAND)
    return lines[0]


def _engine(project: Project, created: Found[Line]) -> tuple[Found[cst.CSTNode], str]:
    """Return the engine that create_all() is given, and the keyword that it is given by."""
    call = every(created.node, cst.Call)[0]
    given = argument(call, "bind", 0)
    found = project.resolve(created.path, given) if given is not None else None
    if found is None or not _name(project, found):
        raise project.refuse("The engine that the tables are created on was not found.", BY_HAND)
    return found, "bind=" if argument(call, "bind") is not None else ""


def _place(body: Sequence[cst.CSTNode], node: cst.CSTNode) -> int:
    """Return where in a block the statement stands that has the node; its end where none has."""
    return next((n for n, line in enumerate(body) if contains(line, node)), len(body))


def _without_line(project: Project, created: Found[Line]) -> Changes:
    """Return the change that takes the line away; `pass` stays where its block would be empty."""
    module = project.modules[created.path]
    for block in every(module, cst.IndentedBlock):
        if len(block.body) == 1 and block.body[0] is created.node:
            return {created.node: lambda node: new_statement(module, "pass")}
    changes: Changes = {created.node: lambda node: cst.FlattenSentinel[cst.CSTNode]([])}
    blank = [item for item in created.node.leading_lines if not item.comment]
    body = list(module.body)
    behind = body[_place(body, created.node) + 1 :][:1]
    bare = behind and not getattr(behind[0], "leading_lines", ())
    if bare and any(line is created.node for line in body):
        changes[behind[0]] = lambda node: node.with_changes(leading_lines=blank)
    return changes
