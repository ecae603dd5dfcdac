"""A filter for the list of todos: ?completed=true or false."""

from __future__ import annotations

import libcst as cst

from lab.codemods.endpoints import find_collection
from lab.codemods.project import Changes, Project
from lab.codemods.queries import Query, find_query
from lab.codemods.tables import all_fields, find_model
from lab.codemods.tree import (
    annotated,
    bindings,
    code,
    contains,
    every,
    new_statement,
    parameters,
    statements,
    text_of,
    with_item,
)
from lab.model import AlreadyThere

COLUMN = "completed"


def add_filter(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which the list of todos takes ?completed=.

    Raises AlreadyThere where it does, EditNotApplicable where its query was not found.
    """
    model = find_model(project)
    if COLUMN not in all_fields(project, model):
        raise project.refuse(
            f"The model {model} has no column {COLUMN}.",
            f"Add a column {COLUMN} first, or make the change by hand.",
        )
    listing = find_collection(project, model).listing
    if any(
        param.name.value == COLUMN or COLUMN in map(text_of, every(param, cst.SimpleString))
        for param in parameters(listing.function)
    ):
        raise AlreadyThere(
            f"The list {listing} has a parameter {COLUMN} already.", "There is nothing left to add."
        )
    query = find_query(project, listing, model)
    if any(
        name.value == COLUMN for name in every(query.owner.node, cst.Name) if _is_free(query, name)
    ):
        raise project.refuse(
            f"The name {COLUMN} has another meaning in {query.owner}.",
            f"Rename it there, so that {COLUMN} can be the parameter.",
        )
    changes: Changes = _filtering(project, query)
    changes[query.owner.node] = _with_parameter
    if query.through is not None:
        changes[query.through] = _with_argument
        changes[listing.function] = _with_parameter
    return project.rewrite(changes)


def _is_free(query: Query, name: cst.Name) -> bool:
    """Return whether a name is a variable, not the part of one after a dot or a keyword."""
    attributes = every(query.owner.node, cst.Attribute)
    keywords = every(query.owner.node, cst.Arg)
    return not any(item.attr is name for item in attributes) and not any(
        item.keyword is name for item in keywords
    )


def _filtering(project: Project, query: Query) -> Changes:
    """Return the change that narrows the query, between its start and its execution."""
    module = project.modules[query.owner.path]
    top = query.chain()
    method = "filter" if query.legacy else "where"
    condition = f"{code(query.model)}.{COLUMN} == {COLUMN}"

    lines = {
        name: line
        for line in every(query.owner.node.body, cst.SimpleStatementLine)
        for small in line.body
        for name, value in bindings(small)
        if value is top
    }
    name = next(iter(lines), "") or _free_name(query, "query" if query.legacy else "statement")
    narrowing = new_statement(
        module, f"if {COLUMN} is not None:\n    {name} = {name}.{method}({condition})\n"
    )
    if lines:
        return {lines[name]: lambda node: cst.FlattenSentinel([node, narrowing])}
    statement = _statement_of(project, query)
    start = new_statement(module, f"{name} = {code(query.root.with_changes(lpar=[], rpar=[]))}\n")

    def prepared(node: cst.CSTNode) -> cst.FlattenSentinel[cst.CSTNode]:
        before = start.with_changes(leading_lines=getattr(node, "leading_lines", ()))
        return cst.FlattenSentinel([before, narrowing, node.with_changes(leading_lines=())])

    return {statement: prepared, query.root: lambda node: cst.Name(name)}


def _statement_of(project: Project, query: Query) -> cst.CSTNode:
    """Return the innermost statement that the query stands in, the place to put lines before."""
    owner = query.owner.node
    around = [
        node
        for block in every(owner, cst.IndentedBlock)
        for node in statements(block)
        if contains(node, query.root)
    ]
    suites = [node for node in every(owner, cst.SimpleStatementSuite) if contains(node, query.root)]
    if suites or not around or isinstance(around[-1], cst.If | cst.While):
        raise project.refuse(
            f"The query in {query.owner} stands in a place where no line can be put before it.",
            "Give the query a line of its own, or make the change by hand.",
        )
    return around[-1]


def _free_name(query: Query, wanted: str) -> str:
    names = every(query.owner.node, cst.Name)
    taken = {name.value for name in names if _is_free(query, name)}
    choices = [wanted, f"todo_{wanted}", f"filtered_{wanted}"]
    return next((name for name in choices if name not in taken), f"{wanted}_by_{COLUMN}")


def _with_parameter(node: cst.CSTNode) -> cst.CSTNode:
    function = cst.ensure_type(node, cst.FunctionDef)
    notes = [param.annotation for param in parameters(function)]
    note = annotated(optional="bool", like=notes)
    space = cst.SimpleWhitespace(" ")
    new = cst.Param(
        cst.Name(COLUMN),
        cst.Annotation(cst.parse_expression(note)),
        equal=cst.AssignEqual(space, space),
        default=cst.Name("None"),
    )
    given = function.params
    opening = function.whitespace_before_params
    field = "kwonly_params" if given.kwonly_params else "params"
    items: list[cst.Param] = list(getattr(given, field))
    changed = given.with_changes(**{field: with_item(items, len(items), new, opening)})
    return function.with_changes(params=changed)


def _with_argument(node: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(node, cst.Call)
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    new = cst.Arg(cst.Name(COLUMN), keyword=cst.Name(COLUMN), equal=tight)
    opening = call.whitespace_before_args
    return call.with_changes(args=with_item(call.args, len(call.args), new, opening))
