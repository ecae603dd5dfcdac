"""The query behind the list of todos: where it is made, and what it is sent through."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from lab.codemods.endpoints import Endpoint, called_functions
from lab.codemods.project import Found, Project
from lab.codemods.tree import code, contains, every, last_name, parameters

NARROWING = frozenset({"where", "filter", "filter_by", "join"})
CHAINING = NARROWING | {"order_by", "options", "outerjoin", "execution_options", "distinct"}


@dataclass(frozen=True)
class Query:
    """`select(Todo)` or `db.query(Todo)`, in the endpoint or in a function that it calls."""

    owner: Found[cst.FunctionDef]
    root: cst.Call
    model: cst.BaseExpression  # the model, as the query writes it
    through: cst.Call | None  # the endpoint's call, where the owner is another function

    @property
    def legacy(self) -> bool:
        """Return whether it is `db.query(Todo)`."""
        return last_name(self.root.func) == "query"

    def chain(self) -> cst.BaseExpression:
        """Return the longest expression that is still this query: select(Todo).order_by(...)."""
        top: cst.BaseExpression = self.root
        for call in reversed(every(self.owner.node.body, cst.Call)):
            if isinstance(call.func, cst.Attribute) and call.func.value is top:
                if call.func.attr.value not in CHAINING:
                    break
                top = call
        return top

    def narrowing(self) -> list[cst.Call]:
        """Return the calls in the owner that leave rows out, whatever the client asks for."""
        given = {param.name.value for param in parameters(self.owner.node)}
        asked = [
            branch.body
            for branch in every(self.owner.node.body, cst.If)
            if given & {name.value for name in every(branch.test, cst.Name)}
        ]
        return [
            call
            for call in every(self.owner.node.body, cst.Call)
            if isinstance(call.func, cst.Attribute)
            and call.func.attr.value in NARROWING
            and not any(contains(branch, call) for branch in asked)
        ]


def find_query(project: Project, endpoint: Endpoint, model: Found[cst.ClassDef]) -> Query:
    """Return the query that lists the todos.

    Raises EditNotApplicable where the endpoint and the functions that it calls make none, or
    more than one.
    """
    found = _queries(project, endpoint.found, model, None)
    if not found:
        for call, function in called_functions(project, endpoint.found):
            found += _queries(project, function, model, call)
    if len(found) == 1:
        return found[0]
    name = model.node.name.value
    if not found:
        raise project.refuse(
            f"No query such as select({name}) was found in {endpoint}.",
            "Make the change by hand, in the function that asks the database for the todos.",
        )
    several = " and ".join(f"{code(query.root)} in {query.owner}" for query in found)
    raise project.refuse(
        f"More than one query may be the list of todos: {several}.",
        "Make the change by hand, in the query that the list comes from.",
    )


def _queries(
    project: Project,
    function: Found[cst.FunctionDef],
    model: Found[cst.ClassDef],
    through: cst.Call | None,
) -> list[Query]:
    body = function.node.body
    hidden = [*every(body, cst.Lambda), *every(body, cst.FunctionDef)]
    return [
        Query(function, call, call.args[0].value, through)
        for call in every(body, cst.Call)
        if last_name(call.func) in ("select", "query")
        and len(call.args) == 1
        and project.resolve_class(function.path, call.args[0].value) == model
        and not any(contains(part, call) for part in hidden)
    ]
