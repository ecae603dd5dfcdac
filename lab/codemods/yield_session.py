"""YieldSession: a session that is closed whatever happens."""

from __future__ import annotations

from dataclasses import dataclass

from lab.codemods.edit import written
from lab.codemods.imports import with_import
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project, replaced
from lab.codemods.session_dependency import (
    closes,
    find_dependency,
    find_exit,
    find_opening,
    is_closing,
    unclear,
    value_of,
    without_generator,
)
from lab.codemods.tree import (
    as_block,
    code,
    contains,
    every,
    imports,
    new_statement,
)
from lab.model import AlreadyThere


@dataclass(frozen=True)
class YieldSession:
    """The session dependency lends its session with `yield`, and closes it in the end."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files that change."""
        return written(yield_session(project))


def yield_session(project: Project) -> dict[str, cst.Module]:
    """Return the module in which the session dependency lends its session and closes it.

    Raises AlreadyThere where it does, EditNotApplicable where it was not understood.
    """
    found = find_dependency(project)
    handover = find_exit(project, found)
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
    lent = name if direct else value_of(handover)
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


def _finally(node: cst.CSTNode, guard: cst.Try) -> cst.CSTNode:
    """Return the `try` with the closing of `guard` in its `finally`."""
    tried = cst.ensure_type(node, cst.Try)
    if tried.finalbody is None or guard.finalbody is None:
        return tried.with_changes(finalbody=guard.finalbody)
    block = as_block(tried.finalbody.body)
    body = [*block.body, *guard.finalbody.body.body]
    return tried.with_deep_changes(tried.finalbody, body=block.with_changes(body=body))


def _with_lending(
    returns: cst.Annotation | None, module: cst.Module, asynchronous: bool
) -> tuple[cst.Annotation | None, str]:
    """Return the annotation Iterator[Session] for Session, and the name to import for it."""
    if returns is None or without_generator(returns) is not returns:
        return returns, ""
    start = "Async" if asynchronous else ""
    inner = code(returns.annotation)
    name, more = f"{start}Iterator", ""
    if f"{start}Generator" in imports(module) and name not in imports(module):
        name, more = f"{start}Generator", ", None" if asynchronous else ", None, None"
    note = cst.parse_expression(f"{name}[{inner}{more}]")
    return returns.with_changes(annotation=note), name
