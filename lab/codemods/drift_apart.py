"""DriftApart: schema, model and answer no longer know the same fields."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from lab.codemods.add_column import AddColumn
from lab.codemods.endpoints import classes_in, find_collection
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Found, Project
from lab.codemods.schemas import Class, create_schema, response_schemas
from lab.codemods.tables import all_fields, column_names, fields, find_model, with_field
from lab.codemods.tree import (
    annotated,
    bindings,
    code,
    contains,
    dotted_name,
    every,
    new_statement,
    parameters,
    with_item,
)
from lab.model import AlreadyThere

# A line of the form todo.title = body.title, its todo, and its body.
Assigning: TypeAlias = "tuple[cst.SimpleStatementLine, cst.BaseExpression, cst.BaseExpression]"


@dataclass(frozen=True)
class DriftApart:
    """The create schema gets two fields: the model lacks the one, the answers lack the other.

    A name that is taken gets a number.
    """

    unknown: str = "remark"
    unseen: str = "place"

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files of the model, of the schemas, and of what makes a row."""
        if apart := next(_fields_apart(project), None):
            raise AlreadyThere(
                f"The layers of your app are apart already: not all of them know {apart}.",
                "Repair it first, or go on from here.",
            )
        taken = column_names(project)
        for item in project.every(cst.ClassDef):
            taken |= all_fields(project, item).keys()
        unknown, unseen = _free(self.unknown, taken), _free(self.unseen, taken)
        changed = AddColumn(unseen, "str").apply(project)
        for name in (unseen, unknown):
            changed |= _taking(project.changed(changed), name)
        return changed


def _fields_apart(project: Project) -> Iterator[str]:
    """Yield the fields of the create schema that the model or an answer does not know."""
    collection = find_collection(project)
    columns = column_names(project)
    answers = [all_fields(project, item) for item in response_schemas(project, collection)]
    schema = create_schema(project, collection)
    for name, field in all_fields(project, schema).items():
        known = name in columns and all(name in answer for answer in answers)
        if not known and isinstance(field, cst.AnnAssign) and name != "model_config":
            yield name


def _free(name: str, taken: set[str]) -> str:
    number, tried = 1, name
    while tried in taken:
        number += 1
        tried = f"{name}_{number}"
    return tried


def _taking(project: Project, name: str) -> dict[str, bytes]:
    """Return the files that change where clients may send a text of that name, or none."""
    schema = create_schema(project, find_collection(project))
    kind = annotated(optional="str", like=fields(schema).values())
    line = f"{name}: {kind} = None"
    changes = _handing_on(project, schema, name)
    if name not in all_fields(project, schema):  # a table of SQLModel's may be the schema, too
        changes[schema.node] = partial(with_field, project.modules[schema.path], text=line)
    return project.rewrite(changes)


def _handing_on(project: Project, schema: Class, name: str) -> Changes:
    """Return the changes that hand the field over where a row is made from the schema.

    `Todo(**body.model_dump())` needs none, `Todo(title=body.title)` does. Raises
    EditNotApplicable where it cannot be seen how a row gets what was sent.
    """
    model = find_model(project)
    changes: Changes = {}
    for found in project.every(cst.Call):
        if project.resolve_class(found.path, found.node.func) != model:
            continue
        function = _enclosing_function(project, found)
        bodies = {
            param.name.value
            for param in (parameters(function) if function else ())
            if param.annotation is not None
            and schema in classes_in(project, Found(found.path, param.annotation.annotation))
        }
        if not function or not bodies or any(arg.star for arg in found.node.args):
            continue
        if givers := [giver for giver in _givers(found.node) if dotted_name(giver) in bodies]:
            changes[found.node] = partial(_with_argument, name=name, giver=givers[0])
        elif lines := list(_assigning_lines(function, found.node, bodies)):
            line, owner, giver = lines[-1]
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


def _enclosing_function(project: Project, found: Found[cst.Call]) -> cst.FunctionDef | None:
    """Return the innermost function that a call stands in."""
    functions = every(project.modules[found.path], cst.FunctionDef)
    return next((each for each in reversed(functions) if contains(each, found.node)), None)


def _givers(call: cst.Call) -> list[cst.BaseExpression]:
    """Return x for each argument of the form title=x.title."""
    return [
        arg.value.value
        for arg in call.args
        if arg.keyword is not None
        and isinstance(arg.value, cst.Attribute)
        and arg.value.attr.value == arg.keyword.value
    ]


def _assigning_lines(
    function: cst.FunctionDef, made: cst.Call, bodies: Collection[str]
) -> Iterator[Assigning]:
    """Yield the lines of the form todo.title = body.title, where todo is what was made."""
    rows = {
        name
        for assign in every(function, cst.Assign)
        for name, value in bindings(assign)
        if value is not None and contains(value, made)
    }
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
                    yield line, target.value, value.value


def _with_argument(node: cst.CSTNode, name: str, giver: cst.BaseExpression) -> cst.CSTNode:
    call = cst.ensure_type(node, cst.Call)
    equal = next(arg.equal for arg in call.args if arg.keyword is not None)
    new = cst.Arg(cst.Attribute(giver, cst.Name(name)), keyword=cst.Name(name), equal=equal)
    return call.with_changes(
        args=with_item(call.args, len(call.args), new, call.whitespace_before_args)
    )


def _followed(node: cst.CSTNode, new: cst.BaseStatement) -> cst.FlattenSentinel[cst.CSTNode]:
    return cst.FlattenSentinel([node, new])
