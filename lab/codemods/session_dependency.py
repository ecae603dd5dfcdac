"""Breaking and repairing the session dependency: `return` it, or `yield` and close it."""

from __future__ import annotations

from collections.abc import Sequence

from lab.codemods.imports import with_import
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project, replaced
from lab.codemods.session_factory import Function, Opening, find_dependency, find_opening, unclear
from lab.codemods.tree import (
    Statement,
    as_block,
    call_of,
    code,
    contains,
    every,
    imports,
    last_name,
    new_statement,
    statements,
)
from lab.model import AlreadyThere

LENDING = frozenset({"Iterator", "Generator", "Iterable", "AsyncIterator", "AsyncGenerator"})
COMMITTING = frozenset({"commit", "begin"})
CLOSING = frozenset({"close", "aclose", "remove"})


def return_session(project: Project) -> dict[str, cst.Module]:
    """Return the module in which the session dependency returns its session, never closed.

    Raises AlreadyThere where it returns it, EditNotApplicable where it was not understood.
    """
    found = find_dependency(project)
    handover = handover_of(project, found)
    if isinstance(handover, cst.Return):
        raise AlreadyThere(
            f"{found} returns its session already.", "Repair it first, or go on from here."
        )
    must_not_commit(project, found)
    opening = find_opening(project, found)
    block = as_block(found.node.body)
    body = until_handover(project, found, opening, statements(block), handover)
    returns = without_lending(found.node.returns)

    def leaking(node: cst.CSTNode) -> cst.CSTNode:
        kept = block.with_changes(body=body, footer=())
        return node.with_changes(body=kept, returns=returns)

    return project.rewrite({found.node: leaking})


def must_not_commit(project: Project, found: Function) -> None:
    """Raise EditNotApplicable where the dependency is what commits, below its `yield`."""
    own = every(found.node.body, cst.Call)
    committing = [c.node for c in project.every(cst.Call) if last_name(c.node.func) in COMMITTING]
    if committing and all(call in own for call in committing):
        raise project.refuse(
            f"{found} is what commits, after its `yield`. Without that nothing would be saved, "
            "which is another story.",
            "Make the change by hand, and leave the commit where it is.",
        )


def handover_of(project: Project, found: Function) -> cst.Yield | cst.Return:
    """Return the one place where the dependency hands over its session."""
    yields = every(found.node.body, cst.Yield)
    exits: list[cst.Yield | cst.Return] = [
        *yields,
        *(item for item in every(found.node.body, cst.Return) if item.value),
    ]
    if len(exits) != 1 or not isinstance(exits[0].value, cst.BaseExpression):
        raise unclear(project, found)
    return exits[0]


def until_handover(
    project: Project,
    found: Function,
    opening: Opening,
    block: Sequence[Statement],
    handover: cst.Yield | cst.Return,
) -> list[Statement]:
    """Return the statements up to the `yield`, out of the blocks that would close the session."""
    module = project.modules[found.path]
    kept: list[Statement] = []
    for statement in block:
        if not contains(statement, handover):
            kept.append(statement)
            continue
        above = getattr(statement, "leading_lines", ())
        if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
            value = code(value_of(handover))
            line = new_statement(module, f"return {value}")
            return [*kept, line.with_changes(leading_lines=above)]
        if isinstance(statement, cst.With) and statement is opening.block:
            line = new_statement(module, f"{opening.name} = {code(opening.call)}")
            kept.append(line.with_changes(leading_lines=above))
        elif not isinstance(statement, cst.Try) or not contains(statement.body, handover):
            break
        inner = as_block(statement.body)
        return kept + until_handover(project, found, opening, statements(inner), handover)
    raise unclear(project, found)


def value_of(handover: cst.Yield | cst.Return) -> cst.BaseExpression:
    return cst.ensure_type(handover.value, cst.BaseExpression)  # type: ignore[type-abstract]


def yield_session(project: Project) -> dict[str, cst.Module]:
    """Return the module in which the session dependency lends its session and closes it.

    Raises AlreadyThere where it does, EditNotApplicable where it was not understood.
    """
    found = find_dependency(project)
    handover = handover_of(project, found)
    opening = find_opening(project, found)
    function, module = found.node, project.modules[found.path]
    inside = opening.block is not None and contains(opening.block, handover)
    guards = [item for item in every(function, cst.Try) if contains(item.body, handover)]
    closed = inside or any(item.finalbody and closes(item.finalbody) for item in guards)
    if closed and isinstance(handover, cst.Yield):
        raise AlreadyThere(
            f"{found} lends its session and closes it already.", "There is nothing left to repair."
        )
    block = as_block(function.body)
    around = [item for item in every(block, cst.SimpleStatementLine) if contains(item, handover)]
    if not around:
        raise unclear(project, found)
    line = around[0]
    direct = handover.value is opening.call
    if len(line.body) != 1 or (opening.name is None and not direct):
        raise unclear(project, found)
    name = opening.name or "db"
    lent = name if direct else code(value_of(handover))
    opened = [] if opening.name else [new_statement(module, f"{name} = {code(opening.call)}")]
    yielding = new_statement(module, f"yield {lent}")
    close = f"{'await ' if opening.waits else ''}{name}.close()"
    guard = cst.ensure_type(
        new_statement(module, f"try:\n    pass\nfinally:\n    {close}\n"), cst.Try
    )
    above = line.leading_lines
    changes: Changes = {}
    if closed or guards:
        lines = [*opened, yielding]
        lines[0] = lines[0].with_changes(leading_lines=above)
        changes[line] = lambda node: cst.FlattenSentinel(lines)
        if not closed:
            changes[guards[-1]] = lambda node: _finally(node, guard)
    else:
        home = next(item for item in every(block, cst.IndentedBlock) if line in item.body)
        before, after = home.body[: home.body.index(line)], home.body[home.body.index(line) + 1 :]
        rest = [item for item in after if not is_closing(item)]
        inner = guard.body.with_changes(body=[yielding, *rest])
        lines = [*opened, guard.with_changes(body=inner)]
        lines[0] = lines[0].with_changes(leading_lines=above)
        changes[home] = lambda node: node.with_changes(body=[*before, *lines])
    asynchronous = opening.waits or function.asynchronous is not None
    returns, needed = _with_lending(function.returns, module, asynchronous)

    def lending(node: cst.CSTNode) -> cst.CSTNode:
        return node.with_changes(
            body=replaced(block, changes),
            returns=returns,
            asynchronous=function.asynchronous or (cst.Asynchronous() if asynchronous else None),
        )

    tree = project.rewrite({function: lending})[found.path]
    return {found.path: with_import(tree, "collections.abc", needed) if needed else tree}


def closes(block: cst.CSTNode) -> bool:
    return any(last_name(call.func) in CLOSING for call in every(block, cst.Call))


def is_closing(statement: cst.CSTNode) -> bool:
    """Return whether the whole statement is `db.close()`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    call = call_of(getattr(statement.body[0], "value", None))
    return call is not None and last_name(call.func) in CLOSING


def _finally(node: cst.CSTNode, guard: cst.Try) -> cst.CSTNode:
    """Return the `try` with the closing of `guard` in its `finally`."""
    tried = cst.ensure_type(node, cst.Try)
    if tried.finalbody is None or guard.finalbody is None:
        return tried.with_changes(finalbody=guard.finalbody)
    block = as_block(tried.finalbody.body)
    body = [*block.body, *guard.finalbody.body.body]
    return tried.with_deep_changes(tried.finalbody, body=block.with_changes(body=body))


def without_lending(returns: cst.Annotation | None) -> cst.Annotation | None:
    """Return the annotation Session for Iterator[Session]."""
    note = returns.annotation if returns else None
    if returns is None or not isinstance(note, cst.Subscript):
        return returns
    inner = note.slice[0].slice
    if last_name(note.value) not in LENDING or not isinstance(inner, cst.Index):
        return returns
    return returns.with_changes(annotation=inner.value)


def _with_lending(
    returns: cst.Annotation | None, module: cst.Module, asynchronous: bool
) -> tuple[cst.Annotation | None, str]:
    """Return the annotation Iterator[Session] for Session, and the name to import for it."""
    if returns is None or without_lending(returns) is not returns:
        return returns, ""
    start = "Async" if asynchronous else ""
    inner = code(returns.annotation)
    name, more = f"{start}Iterator", ""
    if f"{start}Generator" in imports(module) and name not in imports(module):
        name, more = f"{start}Generator", ", None" if asynchronous else ", None, None"
    note = cst.parse_expression(f"{name}[{inner}{more}]")
    return returns.with_changes(annotation=note), name
