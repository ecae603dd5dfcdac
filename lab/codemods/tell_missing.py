"""What the API answers where a todo is missing: 200 with a message, or 404."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from lab.codemods.edit import written
from lab.codemods.endpoints import Endpoint, endpoints
from lab.codemods.hide_missing import ERRORS, handlers, silent_answers
from lab.codemods.imports import with_import
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project
from lab.codemods.tree import (
    argument,
    as_block,
    call_of,
    code,
    dotted_name,
    every,
    last_name,
    new_statement,
    parameters,
    statements,
    text_of,
)
from lab.model import AlreadyThere

TELL = (
    "By hand: where a todo is not found, `raise HTTPException(404, ...)`; and a handler of your "
    "own answers with `status_code=404`."
)
READERS = frozenset({"first", "get", "one_or_none", "scalar_one_or_none", "scalar"})


@dataclass(frozen=True)
class TellMissing:
    """A todo that is not there is answered as a 404."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files that change."""
        return written(tell_missing(project))


def tell_missing(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which what is missing is answered with 404.

    Raises AlreadyThere where nothing hides it, EditNotApplicable where nothing is understood.
    """
    changes: Changes = {}
    raising: set[str] = set()
    for handler in handlers(project):
        for call in silent_answers(project, handler):
            changes[call] = partial(_with_status, status=_status(handler.node))
    for endpoint in endpoints(project):
        for found, change in _guards(project, endpoint):
            changes[found] = change
            raising.add(endpoint.path)
    if changes:
        rewritten = project.rewrite(changes)
        return {
            path: with_import(tree, "fastapi", "HTTPException") if path in raising else tree
            for path, tree in rewritten.items()
        }
    raised = [call for call in project.every(cst.Call) if last_name(call.node.func) in ERRORS]
    if any("404" in code(call.node) for call in raised):
        raise AlreadyThere("A missing todo is a 404 already.", "There is nothing left to change.")
    raise project.refuse("It cannot be seen where a missing todo is answered.", TELL)


def _status(handler: cst.FunctionDef) -> str:
    """Return the status that a handler should answer with: for every error its own."""
    names = [param.name.value for param in parameters(handler)]
    decorated = code(handler.decorators[0].decorator)
    return "404" if "404" in decorated or len(names) < 2 else f"{names[1]}.status_code"


def _with_status(node: cst.CSTNode, status: str) -> cst.CSTNode:
    call = cst.ensure_type(node, cst.Call)
    kept = [arg for arg in call.args if not arg.keyword or arg.keyword.value != "status_code"][:1]
    written = ", ".join([*(code(arg.value) for arg in kept), f"status_code={status}"])
    return cst.parse_expression(f"{code(call.func)}({written})")


def _guards(
    project: Project, endpoint: Endpoint
) -> Iterator[tuple[cst.CSTNode, partial[cst.CSTNode | cst.FlattenSentinel[cst.CSTNode]]]]:
    """Yield the lines of an endpoint of one todo that pass over a missing one, and the changes."""
    if not endpoint.url.endswith("}"):
        return
    module = project.modules[endpoint.path]
    for guard in every(endpoint.function.body, cst.If):
        lines = statements(as_block(guard.body))
        if not _asks_for_nothing(guard.test) or not lines:
            continue
        last = lines[-1]
        if isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Return):
            said = _message(last.body[-1].value)
            if said is not None:
                new = new_statement(module, f"raise HTTPException(404, {said})")
                yield last, partial(_replaced_by, new=[new])
    if "404" in code(endpoint.function.body):  # a missing one does not get as far as the end
        return
    block = as_block(endpoint.function.body)
    for line in statements(block):
        small = line.body[-1] if isinstance(line, cst.SimpleStatementLine) else None
        if isinstance(small, cst.Return) and _may_be_none(small.value):
            assert small.value is not None
            texts = (
                f"todo = {code(small.value)}",
                'if todo is None:\n    raise HTTPException(404, "Todo not found")\n',
                "return todo",
            )
            yield line, partial(_replaced_by, new=[new_statement(module, t) for t in texts])


def _asks_for_nothing(test: cst.BaseExpression) -> bool:
    """Return whether the test is `not todo` or `todo is None`."""
    if isinstance(test, cst.UnaryOperation):
        return isinstance(test.operator, cst.Not)
    return isinstance(test, cst.Comparison) and any(
        isinstance(item.operator, cst.Is) and dotted_name(item.comparator) == "None"
        for item in test.comparisons
    )


def _message(value: cst.BaseExpression | None) -> str | None:
    """Return what an answer in place of an error says, as source text; None where it is none."""
    if value is None or dotted_name(value) == "None":
        return '"Todo not found"'
    if isinstance(value, cst.Call) and last_name(value.func).endswith("Response"):
        status = argument(value, "status_code", 1)
        given = argument(value, "content", 0)
        return _message(given) if status is None or code(status) == "200" else None
    if not isinstance(value, cst.Dict):
        return None
    texts = [code(item.value) for item in value.elements if text_of(item.value)]
    return texts[0] if texts else '"Todo not found"'


def _may_be_none(value: cst.BaseExpression | None) -> bool:
    call = call_of(value)
    return (
        call is not None
        and isinstance(call.func, cst.Attribute)
        and call.func.attr.value in READERS
    )


def _replaced_by(
    node: cst.CSTNode, new: list[cst.CSTNode]
) -> cst.CSTNode | cst.FlattenSentinel[cst.CSTNode]:
    above = getattr(node, "leading_lines", ())
    return cst.FlattenSentinel([new[0].with_changes(leading_lines=above), *new[1:]])
