"""OwnSession: each request opens a session."""

from __future__ import annotations

from dataclasses import dataclass

from lab.codemods.edit import written
from lab.codemods.imports import with_import
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Found, Project, replaced
from lab.codemods.session_dependency import Function, find_dependency
from lab.codemods.share_session import binds, shared_sessions
from lab.codemods.tree import (
    Statement,
    as_block,
    bindings,
    code,
    contains,
    every,
    first_name,
    last_name,
    new_statement,
    parameters,
    statements,
)
from lab.codemods.yield_session import YieldSession
from lab.model import AlreadyThere

BY_HAND = (
    "Make the change by hand: open the session inside the function that Depends(...) names, "
    "yield it, and close it in finally."
)


@dataclass(frozen=True)
class OwnSession:
    """The session dependency opens a session for each request, lends it and closes it."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files that change."""
        changed = written(own_session(project))
        try:
            return changed | YieldSession().apply(project.changed(changed))
        except AlreadyThere:
            return changed


def own_session(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which the session dependency opens a session at each call.

    Raises AlreadyThere where it does, EditNotApplicable where it cannot be seen what is shared.
    """
    sharing = shared_sessions(project)
    if not sharing:
        find_dependency(project)
        raise AlreadyThere(
            "Each request gets a session of its own already.", "There is nothing left to repair."
        )
    found, (name, made) = next(iter(sharing.items()))
    if len(sharing) > 1:
        raise project.refuse(f"More than one function gives out {name}.", BY_HAND)
    function = found.node
    given = {
        bound
        for line in every(function.body, cst.Assign)
        for bound, value in bindings(line)
        if isinstance(value, cst.Name) and value.value == name
    }
    own = next(iter(given), "db")
    opened = new_statement(project.modules[found.path], f"{own} = {code(made.node)}")
    block = as_block(function.body)
    body = [line for line in block.body if not (given and binds(line, own))]
    names: Changes = {
        item: lambda node: cst.Name(own)
        for line in body
        for item in every(line, cst.Name)
        if item.value == name
    }
    place = 1 if function.get_docstring() is not None else 0
    changes: Changes = {}

    def opening(node: cst.CSTNode) -> cst.CSTNode:
        lines = [replaced(item, names) for item in body]
        return node.with_changes(
            body=block.with_changes(body=[*lines[:place], opened, *lines[place:]])
        )

    changes[function] = opening
    if not _used_elsewhere(project, name, made, function):
        changes |= _without(project, name, made)
    return _known(project, found, name, made, project.rewrite(changes))


def _used_elsewhere(
    project: Project, name: str, made: Found[cst.Call], function: cst.FunctionDef
) -> bool:
    """Return whether other code than the function names the session that was shared."""
    own = [other for other in project.every(cst.FunctionDef) if _has_its_own(other.node, name)]
    return any(
        item.node.value == name
        and not any(contains(other, item.node) for other in [function, *(o.node for o in own)])
        and not _is_target(project, made, item)
        for item in project.every(cst.Name)
    )


def _has_its_own(function: cst.FunctionDef, name: str) -> bool:
    """Return whether the name stands for something else inside the function."""
    bound = [bound for line in every(function.body, cst.Assign) for bound, _ in bindings(line)]
    opened = [last_name(item.asname.name) for item in every(function, cst.WithItem) if item.asname]
    return name in [*(param.name.value for param in parameters(function)), *bound, *opened]


def _is_target(project: Project, made: Found[cst.Call], item: Found[cst.Name]) -> bool:
    return any(
        assign.value is made.node and contains(assign, item.node)
        for assign in every(project.modules[made.path], cst.Assign)
    )


def _without(project: Project, name: str, made: Found[cst.Call]) -> Changes:
    lines: list[Statement] = [
        line
        for line in statements(project.modules[made.path])
        if isinstance(line, cst.SimpleStatementLine)
        and len(line.body) == 1
        and binds(line, name)
        and contains(line, made.node)
    ]
    return {line: lambda node: cst.FlattenSentinel[cst.CSTNode]([]) for line in lines}


def _known(
    project: Project,
    found: Function,
    name: str,
    made: Found[cst.Call],
    modules: dict[str, cst.Module],
) -> dict[str, cst.Module]:
    """Return the modules, with an import of what opens a session where it stands elsewhere."""
    maker = first_name(made.node.func)
    if made.path == found.path or project.resolve(found.path, cst.Name(maker)) is not None:
        return modules
    source = project.source_of(found.path, name)
    if not source:
        raise project.refuse(f"It is not clear where {found} would import {maker} from.", BY_HAND)
    return {**modules, found.path: with_import(modules[found.path], source, maker)}
