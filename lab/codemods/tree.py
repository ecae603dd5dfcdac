"""Questions to a syntax tree, and small pieces of new code that fit into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import TypeAlias, TypeVar

from lab.codemods.lazy_libcst import cst

Kind = TypeVar("Kind", bound="cst.CSTNode")
Statement: TypeAlias = "cst.SimpleStatementLine | cst.BaseCompoundStatement"


@dataclass(frozen=True)
class Imported:
    """What an import statement binds: a module, or a name in one ("*" for all of them)."""

    module: str
    level: int  # how many dots stand before the module
    name: str | None


@cache
def _parts(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """Return the names of the fields that hold other nodes, in the order of the source text."""
    return tuple(field.name for field in fields(kind) if "whitespace" not in field.name)


def every(tree: cst.CSTNode, kind: type[Kind]) -> list[Kind]:
    """Return every node of this kind in the tree, each before what it holds, itself included.

    Comments and blank space are left out. (LibCST's visitors copy the tree that they visit:
    this is asked so often that an edit would take ten times as long.)
    """
    found: list[Kind] = []
    waiting: list[cst.CSTNode] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, kind):
            found.append(node)
        inner: list[cst.CSTNode] = []
        for name in _parts(type(node)):
            value = getattr(node, name)
            if isinstance(value, cst.CSTNode):
                inner.append(value)
            elif isinstance(value, list | tuple):
                inner += [item for item in value if isinstance(item, cst.CSTNode)]
        waiting += reversed(inner)
    return found


def contains(tree: cst.CSTNode, node: cst.CSTNode) -> bool:
    """Return whether this very node is part of the tree."""
    return any(item is node for item in every(tree, type(node)))


def code(node: cst.CSTNode) -> str:
    """Return the node as source text."""
    return cst.Module([]).code_for_node(node)


def dotted_name(node: cst.CSTNode | None) -> str:
    """Return "a.b.c" for a name with or without dots, "" for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        before = dotted_name(node.value)
        return f"{before}.{node.attr.value}" if before else ""
    return ""


def call_of(value: cst.CSTNode | None) -> cst.Call | None:
    """Return the call that a value is, awaited or not; None where it is none."""
    bare = value.expression if isinstance(value, cst.Await) else value
    return bare if isinstance(bare, cst.Call) else None


def called_method(statement: cst.CSTNode | None) -> str:
    """Return "close" for a statement that is `db.close()`, awaited or not; "" for any other."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return ""
    small = statement.body[0]
    call = call_of(small.value) if isinstance(small, cst.Expr) else None
    return call.func.attr.value if call and isinstance(call.func, cst.Attribute) else ""


def last_name(node: cst.CSTNode | None) -> str:
    """Return "c" for a.b.c, f().c or c, and "" for anything else."""
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def text_of(node: cst.CSTNode | None) -> str | None:
    """Return what a plain string literal stands for, None for anything else."""
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def forward_reference(node: cst.CSTNode) -> cst.BaseExpression | None:
    """Return the expression that is quoted in an annotation such as "Todo", or None."""
    try:
        return cst.parse_expression(text_of(node) or "")
    except cst.ParserSyntaxError:
        return None


def argument(
    call: cst.Call, keyword: str, position: int | None = None
) -> cst.BaseExpression | None:
    """Return the value that a call gives for a parameter, None where it gives none."""
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value == keyword:
            return arg.value
    plain = [arg.value for arg in call.args if arg.keyword is None and not arg.star]
    return plain[position] if position is not None and position < len(plain) else None


def parameters(function: cst.FunctionDef) -> list[cst.Param]:
    """Return the named parameters of a function, in the order in which they stand."""
    given = function.params
    return [*given.posonly_params, *given.params, *given.kwonly_params]


def statements(tree: cst.Module | cst.BaseSuite) -> list[Statement]:
    """Return the statements of a block, none for a block on one line."""
    return [
        item
        for item in tree.body
        if isinstance(item, cst.SimpleStatementLine | cst.BaseCompoundStatement)
    ]


def bindings(small: cst.CSTNode) -> Iterator[tuple[str, cst.BaseExpression | None]]:
    """Yield what an assignment binds: the names, and the value that they get."""
    if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
        yield small.target.value, small.value
    elif isinstance(small, cst.Assign):
        for target in small.targets:
            if isinstance(target.target, cst.Name):
                yield target.target.value, small.value


def definitions(tree: cst.Module) -> dict[str, cst.CSTNode]:
    """Return what a module defines at its top level, also inside `if` and `try`."""
    found: dict[str, cst.CSTNode] = {}

    def collect(block: Iterable[cst.CSTNode]) -> None:
        for statement in block:
            if isinstance(statement, cst.ClassDef | cst.FunctionDef):
                found[statement.name.value] = statement
            elif isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    found.update({name: value for name, value in bindings(small) if value})
                    if isinstance(small, cst.TypeAlias):
                        found[small.name.value] = small.value
            elif isinstance(statement, cst.If | cst.Try | cst.Else):
                collect(statement.body.body)
                rest = statement.orelse if not isinstance(statement, cst.Else) else None
                collect([rest] if rest is not None else [])

    collect(tree.body)
    return found


def imports(tree: cst.Module) -> dict[str, Imported]:
    """Return what the import statements of a module bind, wherever they stand."""
    found: dict[str, Imported] = {}
    for statement in every(tree, cst.Import):
        for alias in statement.names:
            dotted = dotted_name(alias.name)
            bound = alias.asname.name if alias.asname else None
            found[dotted_name(bound) or dotted] = Imported(dotted, 0, None)
    for source in every(tree, cst.ImportFrom):
        module, level = dotted_name(source.module), len(source.relative)
        if isinstance(source.names, cst.ImportStar):
            found[f"* {'.' * level}{module}"] = Imported(module, level, "*")
            continue
        for alias in source.names:
            name = dotted_name(alias.asname.name if alias.asname else alias.name)
            found[name] = Imported(module, level, dotted_name(alias.name))
    return found


def new_statement(module: cst.Module, text: str) -> Statement:
    """Return a statement made from `text`, with the line ends and the indent of the module."""
    return cst.parse_statement(text, config=module.config_for_parsing)


def is_docstring(statement: cst.CSTNode) -> bool:
    """Return whether a statement is a text and nothing else."""
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.Expr)
        and isinstance(statement.body[0].value, cst.SimpleString | cst.ConcatenatedString)
    )


def as_block(suite: cst.BaseSuite) -> cst.IndentedBlock:
    """Return the same block with each statement on a line of its own, below its header."""
    if isinstance(suite, cst.IndentedBlock):
        return suite
    lines = []
    for small in suite.body:
        if isinstance(small, cst.BaseSmallStatement):
            if isinstance(small.semicolon, cst.Semicolon):
                small = small.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
            lines.append(cst.SimpleStatementLine([small]))
    return cst.IndentedBlock(lines)


def annotated(*, optional: str, like: Iterable[cst.CSTNode | None]) -> str:
    """Return the type "X or nothing" as the neighbours in `like` write theirs."""
    old_style = any(
        last_name(name) == "Optional"
        for node in like
        if node is not None
        for name in every(node, cst.Name)
    )
    return f"Optional[{optional}]" if old_style else f"{optional} | None"


Item = TypeVar("Item", "cst.Arg", "cst.ImportAlias", "cst.BaseDictElement")


def with_item(
    items: Sequence[Item],
    index: int,
    new: Item,
    opening: cst.BaseParenthesizableWhitespace | None = None,
) -> list[Item]:
    """Return `items` with `new` at `index`, set out as the others are.

    `opening` is the space after the opening bracket: it shows the layout where only one item
    stands there.
    """
    between = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    if len(items) > 1 and isinstance(items[0].comma, cst.Comma):
        between = _bare(items[0].comma)
    elif isinstance(opening, cst.ParenthesizedWhitespace):
        between = cst.Comma(whitespace_after=_without_comment(opening))
    if index < len(items):
        placed = list(items)
        placed.insert(index, new.with_changes(comma=between))
        return placed
    if not items:
        return [new]
    last = items[-1]
    new, last = _moved_to_the_end(last, new, between)
    placed = list(items)
    placed[-1:] = [last, new]
    return placed


def _moved_to_the_end(last: Item, new: Item, between: cst.Comma) -> tuple[Item, Item]:
    """Return the new last item and the one before it, which keeps a comment of its own."""
    after = between.whitespace_after
    if isinstance(last.comma, cst.Comma):
        closing = last.comma.whitespace_after
        return (
            new.with_changes(
                comma=last.comma.with_changes(whitespace_after=_without_comment(closing))
            ),
            last.with_changes(comma=between.with_changes(whitespace_after=_merged(closing, after))),
        )
    if not isinstance(last, cst.Arg):
        return new, last.with_changes(comma=between)
    closing = last.whitespace_after_arg
    return (
        new.with_changes(whitespace_after_arg=_without_comment(closing)),
        last.with_changes(
            comma=between.with_changes(whitespace_after=_merged(closing, after)),
            whitespace_after_arg=cst.SimpleWhitespace(""),
        ),
    )


def _merged(
    closing: cst.BaseParenthesizableWhitespace, between: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """Return the space between two items, with the comment that `closing` holds."""
    if isinstance(closing, cst.ParenthesizedWhitespace):
        if isinstance(between, cst.ParenthesizedWhitespace):
            return closing.with_changes(indent=between.indent, last_line=between.last_line)
        return closing if closing.first_line.comment else between
    return between


def _bare(comma: cst.Comma) -> cst.Comma:
    return comma.with_changes(whitespace_after=_without_comment(comma.whitespace_after))


def _without_comment(
    space: cst.BaseParenthesizableWhitespace,
) -> cst.BaseParenthesizableWhitespace:
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    line = space.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return space.with_changes(first_line=line, empty_lines=[])
