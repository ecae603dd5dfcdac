"""Code that hands fields on one by one: it gets a line more when a field is added."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import TypeAlias

from lab.codemods.endpoints import classes_in, enclosing_function
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Found, Project
from lab.codemods.schemas import Class
from lab.codemods.tree import (
    bindings,
    code,
    contains,
    dotted_name,
    every,
    new_statement,
    parameters,
    text_of,
    with_item,
)


def hand_to_rows(project: Project, model: Class, schema: Class, name: str) -> Changes:
    """Return the changes that hand `name` over where a row is made from the schema.

    `Todo(**body.model_dump())` needs none, `Todo(title=body.title)` does. Raises
    EditNotApplicable where it cannot be seen how a row gets what was sent.
    """
    changes: Changes = {}
    for found in project.every(cst.Call):
        if project.resolve_class(found.path, found.node.func) != model:
            continue
        function = enclosing_function(project, found)
        if function is None:
            continue
        bodies = {
            param.name.value
            for param in parameters(function)
            if param.annotation is not None
            and schema in classes_in(project, Found(found.path, param.annotation.annotation))
        }
        if not bodies or any(arg.star for arg in found.node.args):
            continue
        if any(arg.keyword and arg.keyword.value == name for arg in found.node.args):
            continue
        givers = [giver for giver in _givers(found.node) if dotted_name(giver) in bodies]
        lines = _assigning_lines(function, found.node, bodies)
        if givers:
            changes[found.node] = partial(_with_argument, name=name, giver=givers[0])
        elif name in lines:
            continue
        elif lines:
            line, owner, giver = list(lines.values())[-1]
            text = f"{code(owner)}.{name} = {code(giver)}.{name}"
            new = new_statement(project.modules[found.path], text)
            changes[line] = partial(_followed, new=new)
        else:
            raise project.refuse(
                f"It cannot be seen how {function.name.value} in {found.path} fills a new "
                f"{model.node.name.value}.",
                f"Add {name} by hand: to the schemas, and there from the request to the new row.",
            )
    return changes


def hand_to_answers(project: Project, schemas: Collection[Class], name: str) -> Changes:
    """Return the changes that put `name` into answers that are written out field by field."""
    changes: Changes = {}
    for call in project.every(cst.Call):
        made = project.resolve_class(call.path, call.node.func)
        given = {arg.keyword.value for arg in call.node.args if arg.keyword}
        givers = _givers(call.node)
        if made in schemas and givers and name not in given:
            changes[call.node] = partial(_with_argument, name=name, giver=givers[0])
    for written in project.every(cst.Dict):
        items = {
            text_of(item.key): item
            for item in written.node.elements
            if isinstance(item, cst.DictElement)
        }
        pairs = [item for key, item in items.items() if key and _reads(item.value, key)]
        if {"title", "completed"} <= items.keys() and pairs and name not in items:
            changes[written.node] = partial(_with_entry, name=name, like=pairs[0])
    return changes


def _reads(value: cst.BaseExpression, name: str) -> bool:
    return isinstance(value, cst.Attribute) and value.attr.value == name


def _givers(call: cst.Call) -> list[cst.BaseExpression]:
    """Return x for each argument of the form title=x.title."""
    return [
        arg.value.value
        for arg in call.args
        if arg.keyword is not None
        and isinstance(arg.value, cst.Attribute)
        and arg.value.attr.value == arg.keyword.value
    ]


Assigning: TypeAlias = (
    "dict[str, tuple[cst.SimpleStatementLine, cst.BaseExpression, cst.BaseExpression]]"
)


def _assigning_lines(
    function: cst.FunctionDef, made: cst.Call, bodies: Collection[str]
) -> Assigning:
    """Return the lines of the form todo.title = body.title, where todo is what was made."""
    rows = {
        name
        for assign in every(function, cst.Assign)
        for name, value in bindings(assign)
        if value is not None and contains(value, made)
    }
    found: Assigning = {}
    for line in every(function, cst.SimpleStatementLine):
        for small in line.body:
            if isinstance(small, cst.Assign) and len(small.targets) == 1:
                target, value = small.targets[0].target, small.value
                if (
                    isinstance(target, cst.Attribute)
                    and isinstance(value, cst.Attribute)
                    and target.attr.value == value.attr.value
                    and dotted_name(target.value) in rows
                    and dotted_name(value.value) in bodies
                ):
                    found[target.attr.value] = (line, target.value, value.value)
    return found


def _with_argument(node: cst.CSTNode, name: str, giver: cst.BaseExpression) -> cst.CSTNode:
    call = cst.ensure_type(node, cst.Call)
    equal = next(arg.equal for arg in call.args if arg.keyword is not None)
    value = cst.Attribute(giver, cst.Name(name))
    new = cst.Arg(value, keyword=cst.Name(name), equal=equal)
    return call.with_changes(
        args=with_item(call.args, len(call.args), new, call.whitespace_before_args)
    )


def _with_entry(node: cst.CSTNode, name: str, like: cst.DictElement) -> cst.CSTNode:
    written = cst.ensure_type(node, cst.Dict)
    quote = cst.ensure_type(like.key, cst.SimpleString).quote
    giver = cst.ensure_type(like.value, cst.Attribute).value
    new = cst.DictElement(
        cst.SimpleString(f"{quote}{name}{quote}"), cst.Attribute(giver, cst.Name(name))
    )
    opening = written.lbrace.whitespace_after
    return written.with_changes(
        elements=with_item(written.elements, len(written.elements), new, opening)
    )


def _followed(
    node: cst.CSTNode, new: cst.BaseStatement
) -> cst.CSTNode | cst.FlattenSentinel[cst.CSTNode]:
    return cst.FlattenSentinel([node, new])
