"""Small mistakes, made on purpose in good code, one at a time, on the syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

Alternative = tuple[str, cst.CSTNode]  # what is done to a node, and what takes its place

OPERATORS: dict[type[cst.BaseCompOp], cst.BaseCompOp] = {
    cst.Equal: cst.NotEqual(),
    cst.NotEqual: cst.Equal(),
    cst.Is: cst.IsNot(),
    cst.IsNot: cst.Is(),
}
# One name for another: each of these is a mistake that people make.
NAMES = {"True": "False", "False": "True", "None": "False", "int": "str", "bool": "int"}
METHODS = {"commit": "flush", "create_all": "drop_all", "is_": "is_not", "add": "expunge"}


@dataclass(frozen=True)
class Mutant:
    """One mistake in one file, and the file with it."""

    file: str
    where: str  # the function or class it is in, "" for the module
    what: str
    source: str

    def __str__(self) -> str:
        place = f"{self.file}, {self.where}" if self.where else self.file
        return f"{place}: {self.what}"


def mutants_of(file: str, source: str) -> Iterator[Mutant]:
    """Every mistake that can be made in a file. No two have the same words."""
    module = cst.parse_module(source)
    visitor = _Places()
    module.visit(visitor)
    told: dict[str, int] = {}
    for where, node in visitor.found:
        for what, other in _alternatives(node, module):
            changed = module.deep_replace(node, other)
            assert isinstance(changed, cst.Module)
            mutant = Mutant(file, where, what, changed.code)
            told[str(mutant)] = told.get(str(mutant), 0) + 1
            if (number := told[str(mutant)]) > 1:
                mutant = Mutant(file, where, f"{what} (no. {number})", changed.code)
            if mutant.source != source:
                yield mutant


class _Places(cst.CSTVisitor):
    """Every node in which a mistake can be made, with the name of what it is in."""

    def __init__(self) -> None:
        self.found: list[tuple[str, cst.CSTNode]] = []
        self._inside: list[str] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Import | cst.ImportFrom):
            return False
        if isinstance(node, cst.SimpleStatementLine) and _is_docstring(node):
            return False
        self.found.append((".".join(self._inside), node))
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._inside.append(node.name.value)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._inside.pop()


def _alternatives(node: cst.CSTNode, module: cst.Module) -> Iterator[Alternative]:
    """What can be put in the place of a node."""

    def code(of: cst.CSTNode) -> str:
        if isinstance(of, cst.SimpleStatementLine):
            of = of.with_changes(leading_lines=[])
        return " ".join(module.code_for_node(of).split("#")[0].split())

    match node:
        case cst.IndentedBlock(body=body):
            for number, statement in enumerate(body):
                if isinstance(statement, cst.SimpleStatementLine) and not _is_docstring(statement):
                    rest = [*body[:number], _pass(), *body[number + 1 :]]
                    yield f"drop `{code(statement)}`", node.with_changes(body=rest)
        case cst.If(test=test):
            yield f"negate `{code(test)}`", node.with_changes(test=_negated(test))
        case cst.Try(finalbody=cst.Finally()):
            after = [*node.body.body, *node.finalbody.body.body] if node.finalbody else []
            block = node.body.with_changes(body=after)
            yield "finally becomes what just follows", cst.If(cst.Name("True"), block)
        case cst.Comparison(comparisons=[comparison]):
            if other := OPERATORS.get(type(comparison.operator)):
                changed = comparison.with_changes(operator=other)
                yield f"turn round `{code(node)}`", node.with_changes(comparisons=[changed])
        case cst.Integer(value=value):
            yield f"{value} becomes {int(value, 0) + 1}", cst.Integer(str(int(value, 0) + 1))
        case cst.SimpleString() if len(node.raw_value) > 1:
            text = node.raw_value
            yield f"`{text}` becomes another text", node.with_changes(value=repr(text[:-1]))
        case cst.Name(value=name) if name in NAMES:
            yield f"{name} becomes {NAMES[name]}", cst.Name(NAMES[name])
        case cst.Attribute(attr=cst.Name(value=name)) if name in METHODS:
            attribute = node.with_changes(attr=cst.Name(METHODS[name]))
            yield f"`{code(node)}` becomes `{code(attribute)}`", attribute
        case cst.Call(args=arguments):
            for number, argument in enumerate(arguments):
                if argument.keyword or argument.star == "**":
                    fewer = _call(node, [*arguments[:number], *arguments[number + 1 :]])
                    yield f"drop `{code(argument).rstrip(',')}`", fewer
        case cst.FunctionDef(decorators=[*decorators]) if decorators:
            for number, decorator in enumerate(decorators):
                left = [*decorators[:number], *decorators[number + 1 :]]
                yield f"drop `{code(decorator)}`", node.with_changes(decorators=left)


def _call(node: cst.Call, arguments: list[cst.Arg]) -> cst.Call:
    if arguments:
        arguments[-1] = arguments[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return node.with_changes(args=arguments)


def _negated(test: cst.BaseExpression) -> cst.BaseExpression:
    inner = test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.UnaryOperation(cst.Not(), inner)


def _pass() -> cst.SimpleStatementLine:
    return cst.SimpleStatementLine([cst.Pass()])


def _is_docstring(statement: cst.SimpleStatementLine) -> bool:
    first = statement.body[0]
    return isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString)
