"""Pieces of a new endpoint, in the style of the one that lists the todos."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from lab.codemods.project import Project
from lab.codemods.queries import Query
from lab.codemods.tree import code, dotted_name, every, last_name

SENDING = frozenset({"scalars", "scalar", "execute", "exec"})


@dataclass(frozen=True)
class Way:
    """How the learner's code sends a query: by what, and in a block of its own or not."""

    session: cst.BaseExpression  # db, or request.state.db
    method: str  # "query" or one of SENDING
    waits: bool  # async code, `await` before the call
    opening: str | None  # "with SessionLocal() as db:", where the function opens it itself


def find_way(project: Project, query: Query, by_hand: str) -> Way:
    """Return how the list sends its query.

    Raises EditNotApplicable, with what to do by hand, where that is not clear.
    """
    owner = query.owner.node
    session: cst.BaseExpression | None = None
    method, waits = "query", False
    if query.legacy and isinstance(query.root.func, cst.Attribute):
        session = query.root.func.value
    else:
        for call in every(owner.body, cst.Call):
            if isinstance(call.func, cst.Attribute) and _sends(call):
                session, method = call.func.value, call.func.attr.value
                waits = any(item.expression is call for item in every(owner.body, cst.Await))
    if session is None or not dotted_name(session):
        raise project.refuse(f"It cannot be seen how {query.owner} sends its query.", by_hand)
    return Way(session, method, waits, _opening(owner, session))


def _sends(call: cst.Call) -> bool:
    """Return whether it is db.execute(query), and not result.scalars()."""
    return last_name(call.func) in SENDING and len(call.args) > 0


def _opening(owner: cst.FunctionDef, session: cst.BaseExpression) -> str | None:
    for block in every(owner.body, cst.With):
        for item in block.items:
            if item.asname is not None and last_name(item.asname.name) == dotted_name(session):
                start = "async with" if block.asynchronous else "with"
                return f"{start} {code(item.item)} as {dotted_name(session)}:"
    return None


def plain(param: cst.Param) -> str:
    """Return a parameter as it is written, without the comma and the space around it."""
    bare = cst.SimpleWhitespace("")
    return code(
        param.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_param=bare, star="")
    )


def indented(text: str) -> str:
    """Return the lines, one step further in."""
    return "".join(f"    {line}\n" for line in text.splitlines())


def _spaced(new: cst.BaseStatement, like: cst.CSTNode) -> cst.BaseStatement:
    """Return the statement with as much space above it as its neighbour has."""
    lines = [line for line in getattr(like, "leading_lines", ()) if line.comment is None]
    return new.with_changes(leading_lines=lines)


def before(node: cst.CSTNode, new: cst.BaseStatement) -> cst.FlattenSentinel[cst.CSTNode]:
    """Return the new statement and then the node, spaced alike."""
    return cst.FlattenSentinel([_spaced(new, node), node])


def after(node: cst.CSTNode, new: cst.BaseStatement) -> cst.FlattenSentinel[cst.CSTNode]:
    """Return the node and then the new statement, spaced alike."""
    return cst.FlattenSentinel([node, _spaced(new, node)])
