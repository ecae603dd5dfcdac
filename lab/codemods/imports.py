"""Adding the imports that new code needs."""

from __future__ import annotations

import sys
from collections.abc import Collection

from lab.codemods.lazy_libcst import cst
from lab.codemods.tree import (
    Statement,
    code,
    definitions,
    dotted_name,
    every,
    imports,
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


def without_imports(tree: cst.Module, names: Collection[str]) -> cst.Module:
    """Return the module without the imports of those of the names that nothing uses any more."""
    used = {
        name.value
        for item in tree.body
        if not isinstance(_source(item), cst.ImportFrom)
        for name in every(item, cst.Name)
    }
    gone = set(names) - used
    body: list[cst.BaseStatement | cst.SimpleStatementLine | cst.BaseCompoundStatement] = []
    for item in tree.body:
        source = _source(item)
        if not isinstance(source, cst.ImportFrom) or isinstance(source.names, cst.ImportStar):
            body.append(item)
            continue
        kept = [alias for alias in source.names if code(alias.asname or alias.name) not in gone]
        if len(kept) == len(source.names):
            body.append(item)
        elif kept:
            if source.lpar is None:
                kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            body.append(item.with_changes(body=[source.with_changes(names=kept)]))
    return tree.with_changes(body=body)


def _source(item: cst.CSTNode) -> cst.CSTNode:
    return item.body[0] if isinstance(item, cst.SimpleStatementLine) else item


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
    """Return the body with a new import line: beside its own kind, else below the others."""
    body = list(tree.body)
    line = new_statement(tree, f"from {module} import {name}")
    if not places:
        first = body[:1]
        body.insert(1 if first and _is_docstring(first[0]) else 0, line)
        return body
    run = [number for number in places if number - places[0] == places.index(number)]
    kin = [number for number in run if _family(_module_of(body[number])) == _family(module)]
    own = [number for number in kin if _package(_module_of(body[number])) == _package(module)]
    before = [number for number in own or kin if _module_of(body[number]) < module]
    if before or kin:
        place = before[-1] + 1 if before else (own or kin)[0]
    else:
        place = run[0] if _family(module) == "standard" else run[-1] + 1
    if place in run and not before:  # the new line comes first: it takes over the space above
        follower = body[place]
        line = line.with_changes(leading_lines=follower.leading_lines)
        gap = [] if kin else [cst.EmptyLine(indent=False)]
        body[place] = follower.with_changes(leading_lines=gap)
    body.insert(place, line)
    return body


def _package(module: str) -> str:
    return module.partition(".")[0]


def _family(module: str) -> str:
    package = _package(module)
    if package == "__future__":
        return package
    if not package:  # ".models"
        return "own"
    return "standard" if package in sys.stdlib_module_names else "other"


def _module_of(statement: cst.CSTNode) -> str:
    line = cst.ensure_type(statement, cst.SimpleStatementLine).body[0]
    if isinstance(line, cst.Import):
        return dotted_name(line.names[0].name)
    source = cst.ensure_type(line, cst.ImportFrom)
    return "." * len(source.relative) + dotted_name(source.module)


def _is_docstring(statement: cst.BaseStatement) -> bool:
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.Expr)
        and isinstance(statement.body[0].value, cst.SimpleString | cst.ConcatenatedString)
    )
