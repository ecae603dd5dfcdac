"""Other ways to spoil the session dependency, and the way back from one session for all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from lab.codemods.imports import with_import
from lab.codemods.lazy_libcst import cst
from lab.codemods.pieces import before
from lab.codemods.project import Changes, Found, Project, replaced
from lab.codemods.session_dependency import (
    closes,
    handover_of,
    is_closing,
    must_not_commit,
    until_handover,
    value_of,
    without_lending,
)
from lab.codemods.session_factory import (
    Function,
    depended_on,
    find_dependency,
    find_opening,
    opens,
    unclear,
)
from lab.codemods.tree import (
    Statement,
    as_block,
    bindings,
    code,
    contains,
    definitions,
    every,
    first_name,
    last_name,
    new_statement,
    parameters,
    statements,
)
from lab.model import AlreadyThere

SHARED = "shared_session"
BY_HAND = (
    "Make the change by hand: open the session inside the function that Depends(...) names, "
    "yield it, and close it in finally."
)


def share_session(project: Project) -> dict[str, cst.Module]:
    """Return the module in which the session dependency returns one session, made at import.

    Raises AlreadyThere where it does, EditNotApplicable where it was not understood.
    """
    if sharing := _sharing(project):
        raise AlreadyThere(
            f"{next(iter(sharing))} gives every request the same session already.",
            "Repair it first, or go on from here.",
        )
    found = find_dependency(project)
    must_not_commit(project, found)
    handover = handover_of(project, found)
    opening = find_opening(project, found)
    module, block = project.modules[found.path], as_block(found.node.body)
    local = {param.name.value for param in parameters(found.node)}
    if local & {first_name(name) for name in every(opening.call, cst.Name)}:
        raise project.refuse(
            f"What {found} opens its session with is known during a request only.",
            "By hand: keep the first session in a variable, and give it to every request.",
        )
    if SHARED in definitions(module):
        raise project.refuse(f"There is a {SHARED} in {found.path} already.", BY_HAND)
    body = until_handover(project, found, opening, statements(block), handover)
    names: Changes = {}
    for line in body:
        for name in every(line, cst.Name):
            if name.value == opening.name:
                names[name] = lambda node: cst.Name(SHARED)
        for call in every(line, cst.Call):
            if call.deep_equals(opening.call):
                names[call] = lambda node: cst.Name(SHARED)
    kept = [line for line in body if not _binds(line, opening.name)]
    returns = without_lending(found.node.returns)
    line = new_statement(module, f"{SHARED} = {code(opening.call)}")

    def shared(node: cst.CSTNode) -> cst.FlattenSentinel[cst.CSTNode]:
        inner = [replaced(item, names) for item in kept]
        whole = block.with_changes(body=inner, footer=())
        return before(node.with_changes(body=whole, returns=returns), line)

    return project.rewrite({found.node: shared})


def _binds(line: cst.CSTNode, name: str | None) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and any(
        bound == name for small in line.body for bound, _ in bindings(small)
    )


def own_session(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which the session dependency opens a session at each call.

    Raises AlreadyThere where it does, EditNotApplicable where it cannot be seen what is shared.
    """
    sharing = _sharing(project)
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
    body = [line for line in block.body if not (given and _binds(line, own))]
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


def _sharing(project: Project) -> Mapping[Function, tuple[str, Found[cst.Call]]]:
    """Return the dependencies that give out a session of the module: its name, and its making."""
    found: dict[Function, tuple[str, Found[cst.Call]]] = {}
    for function in depended_on(project):
        for name in every(function.node.body, cst.Name):
            meant = project.resolve(function.path, name)
            if meant is None or not isinstance(meant.node, cst.Call):
                continue
            if opens(project, meant.path, meant.node):
                found[function] = (name.value, Found(meant.path, meant.node))
    return found


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
        and _binds(line, name)
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


def unguard_session(project: Project) -> dict[str, cst.Module]:
    """Return the module in which the session is closed only where nothing is raised.

    Raises AlreadyThere where that is so, EditNotApplicable where it was not understood.
    """
    found = find_dependency(project)
    handover = handover_of(project, found)
    opening = find_opening(project, found)
    guards = [
        item
        for item in every(found.node.body, cst.Try)
        if contains(item.body, handover) and item.finalbody and closes(item.finalbody)
    ]
    inside = opening.block is not None and contains(opening.block, handover)
    if isinstance(handover, cst.Return) or not (guards or inside):
        raise AlreadyThere(
            f"{found} does not close its session where a request fails.", "Repair it first."
        )
    if opening.name is None or (opening.block and ".begin(" in code(opening.block.items[0])):
        raise unclear(project, found)
    module, block = project.modules[found.path], as_block(found.node.body)
    *lines, last = until_handover(project, found, opening, statements(block), handover)
    yielding = new_statement(module, f"yield {code(value_of(handover))}")
    yielding = yielding.with_changes(leading_lines=last.leading_lines)
    closing = f"{'await ' if opening.waits else ''}{opening.name}.close()"
    rest = _after(block, handover)
    body = [*lines, yielding, *rest, new_statement(module, closing)]

    def unguarded(node: cst.CSTNode) -> cst.CSTNode:
        return node.with_changes(body=block.with_changes(body=body, footer=()))

    return project.rewrite({found.node: partial(unguarded)})


def _after(block: cst.IndentedBlock, handover: cst.CSTNode) -> list[cst.BaseStatement]:
    """Return what follows the handover in its own block, but not what closes the session."""
    homes = [
        home
        for home in every(block, cst.IndentedBlock)
        if any(isinstance(i, cst.SimpleStatementLine) and contains(i, handover) for i in home.body)
    ]
    if not homes:
        return []
    place = next(n for n, item in enumerate(homes[-1].body) if contains(item, handover))
    return [item for item in homes[-1].body[place + 1 :] if not is_closing(item)]
