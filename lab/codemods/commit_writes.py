"""CommitWrites: every function that writes commits what it wrote."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from lab.codemods.edit import written
from lab.codemods.endpoints import called_functions
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Found, Project
from lab.codemods.session_dependency import FACTORIES, SESSIONS
from lab.codemods.tree import (
    Statement,
    bindings,
    contains,
    definitions,
    dotted_name,
    every,
    last_name,
    new_statement,
    parameters,
)
from lab.model import AlreadyThere

Function: TypeAlias = "Found[cst.FunctionDef]"
WRITES = frozenset({"add", "add_all", "delete", "merge"})
STATEMENTS = frozenset({"insert", "update", "delete"})
# What only a session is asked to do: a set has add(), a client delete() as well.
TELLING = frozenset({"commit", "flush", "refresh", "rollback", "scalars", "query", "execute"})
BY_HAND = "Look for what ends each write, and change it by hand: flush() for commit(), or back."


@dataclass(frozen=True)
class CommitWrites:
    """Every function that writes commits what it wrote."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files that change."""
        return written(commit_writes(project))


def commit_writes(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which every function that writes commits what it wrote.

    Raises AlreadyThere where all do, EditNotApplicable where it cannot be seen how.
    """
    _must_have_sessions(project)
    functions = list(project.every(cst.FunctionDef))
    committing = [found for found in functions if _commits(found.node)]
    helped = [called for caller in committing for _, called in called_functions(project, caller)]
    lending = [found for found in functions if every(found.node.body, cst.Yield)]
    changes: Changes = {}
    for found in lending:
        changes |= _flush_to_commit(found.node)
    if not changes and not any("commit" in _called(found.node) for found in lending):
        for found in functions:
            if found not in committing and found not in helped and found not in lending:
                changes |= _committed(project, found)
    if not changes:
        raise AlreadyThere(
            "No function was found that writes and does not commit.",
            "There is nothing left to repair.",
        )
    return project.rewrite(changes)


def _must_have_sessions(project: Project) -> None:
    names = {project.original_name(found.path, found.node) for found in project.every(cst.Name)}
    if not names & (SESSIONS | FACTORIES):
        raise project.refuse("Your code opens no session of SQLAlchemy.", BY_HAND)


def _renamed(node: cst.CSTNode, to: str) -> cst.CSTNode:
    return cst.ensure_type(node, cst.Attribute).with_changes(attr=cst.Name(to))


def _commits(function: cst.FunctionDef) -> bool:
    """Return whether the function commits, or opens a block that does."""
    return bool(_called(function) & {"commit", "begin"})


def _called(function: cst.FunctionDef) -> set[str]:
    return {last_name(call.func) for call in every(function.body, cst.Call)}


def _flush_to_commit(function: cst.FunctionDef) -> Changes:
    flushes = [c for c in every(function.body, cst.Call) if last_name(c.func) == "flush"]
    return {flushes[-1].func: partial(_renamed, to="commit")} if flushes else {}


def _committed(project: Project, found: Function) -> Changes:
    """Return the change that makes one function commit; none where it writes nothing."""
    function, module = found.node, project.modules[found.path]
    if flushed := _flush_to_commit(function):
        return flushed
    sessions = _sessions(module)
    calls = [c for c in every(function.body, cst.Call) if _receiver(c) in sessions]
    writes = [c for c in calls if _writes(project, found.path, c)] + _by_query(function)
    refreshes = [c for c in calls if last_name(c.func) == "refresh"]
    if not writes and not (refreshes or _assigns(function)):
        return {}
    names = {p.name.value for p in parameters(function)} | definitions(module).keys()
    reached = [_receiver(c) for c in calls] or [
        name for name in sessions if name.partition(".")[0] in names
    ]
    if not reached:
        return {}
    waits = any(
        isinstance(item.expression, cst.Call) and _receiver(item.expression) == reached[0]
        for item in every(module, cst.Await)
    )
    line = new_statement(module, f"{'await ' if waits else ''}{reached[0]}.commit()")
    if refreshes:
        place = _innermost(function, refreshes[0])
        return {place: partial(_above, new=line)}
    place = _innermost(function, writes[-1]) if writes else _assigns(function)[-1]
    if isinstance(place, cst.SimpleStatementLine) and isinstance(place.body[-1], cst.Return):
        raise project.refuse(f"{found} returns what it writes in the same line.", BY_HAND)
    return {place: partial(_below, new=line)}


def _sessions(module: cst.Module) -> list[str]:
    """Return the names that stand for a session in this module, as it writes them."""
    told = [_receiver(c) for c in every(module, cst.Call) if last_name(c.func) in TELLING]
    typed = [
        param.name.value
        for param in every(module, cst.Param)
        if param.annotation is not None
        and any(last_name(name) in SESSIONS for name in every(param.annotation, cst.Name))
    ]
    shared = [
        name
        for name, value in definitions(module).items()
        if isinstance(value, cst.Call) and last_name(value.func) == "scoped_session"
    ]
    return list(dict.fromkeys(filter(None, [*told, *typed, *shared])))


def _receiver(call: cst.Call) -> str:
    return dotted_name(call.func.value) if isinstance(call.func, cst.Attribute) else ""


def _writes(project: Project, path: str, call: cst.Call) -> bool:
    if last_name(call.func) in WRITES:
        return True
    sent = [inner for arg in call.args for inner in every(arg, cst.Call)]
    return last_name(call.func) in ("execute", "scalar", "scalars") and any(
        project.original_name(path, inner.func) in STATEMENTS for inner in sent
    )


def _by_query(function: cst.FunctionDef) -> list[cst.Call]:
    """Return the calls such as db.query(Todo).filter(...).delete(), in one go or two."""
    queries = {
        name
        for assign in every(function.body, cst.Assign)
        for name, value in bindings(assign)
        if value is not None and _is_query(value)
    }
    return [
        call
        for call in every(function.body, cst.Call)
        if isinstance(call.func, cst.Attribute)
        and call.func.attr.value in ("update", "delete")
        and (dotted_name(call.func.value) in queries or _is_query(call.func.value))
    ]


def _is_query(value: cst.CSTNode) -> bool:
    return any(last_name(call.func) == "query" for call in every(value, cst.Call))


def _assigns(function: cst.FunctionDef) -> list[Statement]:
    """Return the statements, with the loop or the `if` around them, that change attributes."""
    changing: list[cst.CSTNode] = [
        call for call in every(function.body, cst.Call) if last_name(call.func) == "setattr"
    ]
    for assign in every(function.body, cst.Assign):
        for target in assign.targets:
            for changed in every(target.target, cst.Attribute)[:1]:
                if isinstance(changed.value, cst.Name) and changed.value.value != "self":
                    changing.append(assign)
    order = _blocks(function)
    return [line for line in order if any(contains(line, item) for item in changing)]


def _blocks(function: cst.FunctionDef) -> list[Statement]:
    """Return the statements of a function, those of its `with` and `try` blocks for the blocks."""
    found: list[Statement] = []
    waiting = list(function.body.body)
    while waiting:
        line = waiting.pop(0)
        if isinstance(line, cst.With | cst.Try):
            waiting = [*line.body.body, *waiting]
        elif isinstance(line, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            found.append(line)
    return found


def _innermost(function: cst.FunctionDef, node: cst.CSTNode) -> cst.CSTNode:
    """Return the smallest statement that the node is part of."""
    kinds = (cst.SimpleStatementLine, cst.BaseCompoundStatement)
    around = [
        line
        for line in every(function.body, cst.CSTNode)  # type: ignore[type-abstract]
        if isinstance(line, kinds) and contains(line, node)
    ]
    return around[-1]


def _above(node: cst.CSTNode, new: cst.BaseStatement) -> cst.FlattenSentinel[cst.CSTNode]:
    return cst.FlattenSentinel([new, node])


def _below(node: cst.CSTNode, new: cst.BaseStatement) -> cst.FlattenSentinel[cst.CSTNode]:
    return cst.FlattenSentinel([node, new])
