"""The session dependency: the function that opens a session for a request, and gives it away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lab.codemods.endpoints import dependency, find_collection
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Found, Project, found_once
from lab.codemods.tree import (
    Statement,
    argument,
    as_block,
    bindings,
    code,
    contains,
    every,
    last_name,
    new_statement,
    parameters,
    statements,
)
from lab.model import EditNotApplicable

Function: TypeAlias = "Found[cst.FunctionDef]"
Exit: TypeAlias = "cst.Yield | cst.Return"
FACTORIES = frozenset({"sessionmaker", "async_sessionmaker", "scoped_session"})
SESSIONS = frozenset({"Session", "AsyncSession"})
GENERATORS = frozenset({"Iterator", "Generator", "Iterable", "AsyncIterator", "AsyncGenerator"})
COMMITTING = frozenset({"commit", "begin"})
CLOSING = frozenset({"close", "aclose", "remove"})


@dataclass(frozen=True)
class Opening:
    """Where a function opens its session: `db = SessionLocal()`, `with ... as db:` or bare."""

    call: cst.Call  # what gives the session, without the `.begin()` or `closing(...)` around it
    name: str | None
    block: cst.With | None  # the `with` that closes it
    waits: bool  # closing it takes an `await`


def unclear(project: Project, found: Function) -> EditNotApplicable:
    """Return the error for a dependency whose shape is not understood."""
    return project.refuse(
        f"How {found} opens its session and hands it over is not understood.",
        "Make the change by hand there: `return` the session to break it; `yield` it inside "
        "try, and close it in finally, to repair it.",
    )


@found_once
def find_dependency(project: Project) -> Function:
    """Return the function that `Depends(...)` names and that opens a session.

    Raises EditNotApplicable where there is none, or more than one for the list of todos.
    """
    named: dict[Function, None] = {}
    for found in depended_on(project):
        if any(opens(project, found.path, item) for item in every(found.node, cst.Call)):
            named[found] = None
    if not named:
        named = dict.fromkeys(depended_on(project, as_a=SESSIONS))
    if not named:
        raise project.refuse(
            "No function was found that Depends(...) names and that opens a session.",
            "Look for the place where a request gets its session, and make the change there "
            "by hand.",
        )
    if len(named) > 1:
        listing = find_collection(project).listing
        used = [dependency(project, listing.path, p) for p in parameters(listing.function)]
        fitting = [found for found in named if found in used]
        if len(fitting) != 1:
            names = " and ".join(str(found) for found in named)
            raise project.refuse(
                f"More than one function may give the todos their session: {names}.",
                "Keep one of them in your folder, or make the change by hand.",
            )
        return fitting[0]
    return next(iter(named))


def depended_on(project: Project, as_a: Collection[str] = ()) -> list[Function]:
    """Return the functions that `Depends(...)` names, in parameters of the type `as_a` if given."""
    found: dict[Function, None] = {}
    for call in project.every(cst.Call):
        if project.original_name(call.path, call.node.func) != "Depends":
            continue
        value = argument(call.node, "dependency", 0)
        meant = project.resolve(call.path, value) if value is not None else None
        if meant is None or not isinstance(meant.node, cst.FunctionDef):
            continue
        types = {
            project.original_name(call.path, name)
            for kind in (cst.Param, cst.Subscript)
            for around in every(project.modules[call.path], kind)
            if contains(around, call.node)
            for name in every(around, cst.Name)
        }
        if not as_a or types & set(as_a):
            found[Found(meant.path, meant.node)] = None
    return list(found)


def _given_by_name(function: cst.FunctionDef) -> list[cst.Call]:
    """Return the calls that give what the function yields or returns by its name."""
    given: list[Exit] = [
        *every(function.body, cst.Yield),
        *every(function.body, cst.Return),
    ]
    names = {last_name(item.value) for item in given if isinstance(item.value, cst.Name)}
    bound = [
        value
        for small in [*every(function.body, cst.Assign), *every(function.body, cst.AnnAssign)]
        for name, value in bindings(small)
        if name in names
    ]
    for item in every(function.body, cst.WithItem):
        if item.asname is not None and last_name(item.asname.name) in names:
            bound.append(item.item)
    return [value for value in bound if isinstance(value, cst.Call)]


def find_opening(project: Project, found: Function) -> Opening:
    """Return where the dependency opens its session.

    Raises EditNotApplicable where it opens none or several, or where its shape is not one
    that can be changed.
    """
    body = found.node.body
    calls = [call for call in every(body, cst.Call) if opens(project, found.path, call)]
    if not calls:
        calls = _given_by_name(found.node)
    if len(calls) != 1 or found.node.decorators:
        raise unclear(project, found)
    call = calls[0]
    waits = _is_async(project, found.path, call)
    for block in every(body, cst.With):
        for item in block.items:
            if contains(item.item, call):
                if item.asname is None or len(block.items) > 1:
                    raise unclear(project, found)
                given = _without_begin(call)
                return Opening(given, last_name(item.asname.name), block, waits)
    for small in [*every(body, cst.Assign), *every(body, cst.AnnAssign)]:
        for name, value in bindings(small):
            if value is call:
                return Opening(call, name, None, waits)
    return Opening(call, None, None, waits)


def _without_begin(call: cst.Call) -> cst.Call:
    """Return SessionLocal() for SessionLocal.begin(), which gives the session in a `with` only."""
    if isinstance(call.func, cst.Attribute) and call.func.attr.value == "begin":
        return call.with_changes(func=call.func.value)
    return call


def opens(project: Project, path: str, call: cst.Call, depth: int = 0) -> bool:
    """Return whether the call gives a new session."""
    if project.original_name(path, call.func) in SESSIONS:
        return True
    meant = project.resolve(path, _without_begin(call).func)
    if meant is None or depth > 3:
        return False
    if isinstance(meant.node, cst.FunctionDef):
        returned = [item.value for item in every(meant.node, cst.Return)]
        return any(
            isinstance(value, cst.Call) and opens(project, meant.path, value, depth + 1)
            for value in returned
        )
    return any(
        project.original_name(meant.path, item.func) in FACTORIES
        for item in every(meant.node, cst.Call)[:1]
    )


def _is_async(project: Project, path: str, call: cst.Call) -> bool:
    meant = project.resolve(path, call.func)
    names = [project.original_name(path, call.func)]
    if meant is not None and isinstance(meant.node, cst.Call):
        made = every(meant.node, cst.Name)
        names += [project.original_name(meant.path, name) for name in made]
    return "AsyncSession" in names or "async_sessionmaker" in names


def must_not_commit(project: Project, found: Function) -> None:
    """Raise EditNotApplicable where the dependency is what commits, below its `yield`."""
    own = every(found.node.body, cst.Call)
    committing = [c.node for c in project.every(cst.Call) if last_name(c.node.func) in COMMITTING]
    if committing and all(call in own for call in committing):
        raise project.refuse(
            f"{found} is what commits, after its `yield`. Without that nothing would be saved, "
            "which is another story.",
            "Make the change by hand, and leave the commit where it is.",
        )


def find_exit(project: Project, found: Function) -> Exit:
    """Return the one `yield` or `return` by which the dependency gives its session away.

    Raises EditNotApplicable where there is not one.
    """
    exits: list[Exit] = [
        *every(found.node.body, cst.Yield),
        *(item for item in every(found.node.body, cst.Return) if item.value),
    ]
    if len(exits) != 1 or not isinstance(exits[0].value, cst.BaseExpression):
        raise unclear(project, found)
    return exits[0]


def up_to_exit(
    project: Project, found: Function, opening: Opening, exit: Exit, by: str
) -> list[Statement]:
    """Return the statements up to the exit, out of the blocks that close the session.

    The last one gives the session away `by` "return" or "yield". Raises EditNotApplicable where
    the exit stands in a block of another kind.
    """
    module = project.modules[found.path]
    kept: list[Statement] = []
    block: cst.BaseSuite = found.node.body
    while True:
        lines = statements(as_block(block))
        place = next((n for n, line in enumerate(lines) if contains(line, exit)), len(lines))
        kept += lines[:place]
        around = lines[place] if place < len(lines) else None
        if isinstance(around, cst.SimpleStatementLine) and len(around.body) == 1:
            given = code(cst.ensure_type(exit.value, cst.BaseExpression))  # type: ignore[type-abstract]
            last = new_statement(module, f"{by} {given}")
            return [*kept, last.with_changes(leading_lines=around.leading_lines)]
        if isinstance(around, cst.With) and around is opening.block:
            line = new_statement(module, f"{opening.name} = {code(opening.call)}")
            kept.append(line.with_changes(leading_lines=around.leading_lines))
        elif not isinstance(around, cst.Try) or not contains(around.body, exit):
            raise unclear(project, found)
        block = around.body


def with_body(
    node: cst.CSTNode, lines: Sequence[cst.CSTNode], *, returns: cst.Annotation | None
) -> cst.CSTNode:
    """Return the function with these statements for its own."""
    block = as_block(cst.ensure_type(node, cst.FunctionDef).body)
    return node.with_changes(body=block.with_changes(body=lines, footer=()), returns=returns)


def without_generator(returns: cst.Annotation | None) -> cst.Annotation | None:
    """Return the annotation Session for Iterator[Session]."""
    note = returns.annotation if returns else None
    if returns is None or not isinstance(note, cst.Subscript):
        return returns
    inner = note.slice[0].slice
    if last_name(note.value) not in GENERATORS or not isinstance(inner, cst.Index):
        return returns
    return returns.with_changes(annotation=inner.value)


def closes(block: cst.CSTNode) -> bool:
    """Return whether a session is closed in a block."""
    return any(last_name(call.func) in CLOSING for call in every(block, cst.Call))
