"""A new statement beside one that is there, spaced alike."""

from __future__ import annotations

from lab.codemods.lazy_libcst import cst


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
