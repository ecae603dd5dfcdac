"""Adding the imports that new code needs."""

from __future__ import annotations

from lab.codemods.lazy_libcst import cst
from lab.codemods.tree import (
    Statement,
    code,
    definitions,
    dotted_name,
    imports,
    is_docstring,
    new_statement,
    with_item,
)
from lab.model import EditNotApplicable


def with_import(tree: cst.Module, module: str, name: str) -> cst.Module:
    """Return the module with `from module import name`, unless the name is there already.

    Raises EditNotApplicable where the name stands for something else in this module.
    """
    bound = imports(tree)
    if name in bound:
        return tree
    if name in definitions(tree):
        raise EditNotApplicable(
            f"The name {name} is needed from {module}, but your code uses it for something else.",
            f"Give your own {name} another name, then try again.",
        )
    if any(item.name == "*" and item.module == module for item in bound.values()):
        return tree
    body = list(tree.body)
    places = [number for number, item in enumerate(body) if _is_import(item)]
    for number in places:
        extended = _extended(body[number], module, name)
        if extended is not None:
            body[number] = extended
            return tree.with_changes(body=body)
    return tree.with_changes(body=_with_line(tree, places, module, name))


def _is_import(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(
        statement.body[0], cst.Import | cst.ImportFrom
    )


def _extended(statement: Statement, module: str, name: str) -> Statement | None:
    if not isinstance(statement, cst.SimpleStatementLine):
        return None
    source = statement.body[0]
    if (
        not isinstance(source, cst.ImportFrom)
        or isinstance(source.names, cst.ImportStar)
        or "." * len(source.relative) + dotted_name(source.module) != module
    ):
        return None
    names = [code(alias.name) for alias in source.names]
    index = len(names)
    for key in (_isort_key, str):
        if names == sorted(names, key=key):
            index = sum(key(item) < key(name) for item in names)
            break
    opening = source.lpar.whitespace_after if source.lpar else None
    new = cst.ImportAlias(cst.Name(name))
    extended = source.with_changes(names=with_item(source.names, index, new, opening))
    return statement.with_changes(body=[extended, *statement.body[1:]])


def _isort_key(name: str) -> str:
    kind = "0" if name.isupper() else "1" if name[:1].isupper() else "2"
    return f"{kind}{name.lower()}"


def _with_line(tree: cst.Module, places: list[int], module: str, name: str) -> list[Statement]:
    """Return the body with a new import line below those at the top."""
    body = list(tree.body)
    at_the_top = [number for number in places if number - places[0] == places.index(number)]
    first = 1 if body and is_docstring(body[0]) else 0
    place = at_the_top[-1] + 1 if at_the_top else first
    body.insert(place, new_statement(tree, f"from {module} import {name}"))
    return body
