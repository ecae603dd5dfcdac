"""What a new todo's endpoint does between commit() and its answer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lab.codemods.endpoints import called_functions, find_collection
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Found, Project
from lab.codemods.tables import find_model
from lab.codemods.tree import Statement, call_of, code, every, last_name, new_statement, statements
from lab.model import AlreadyThere

CLOSE = "By hand: call db.close() after db.commit(), and before the todo is returned."
REFRESH = (
    "By hand: close the session only after the answer was made, as get_db does; and "
    "db.refresh(todo) after db.commit()."
)
Line = tuple[Found[cst.FunctionDef], Statement, Statement | None]  # a commit, and what follows it


def close_early(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which the session of a new todo is closed right after commit().

    Raises AlreadyThere where it is, EditNotApplicable where the commit was not found.
    """
    lines = _commits(project)
    if any(_is(following, "close") for _, _, following in lines):
        raise AlreadyThere(
            "The session is closed before the answer is made already.", "Mend that first."
        )
    if len(lines) != 1:
        raise project.refuse("It is not clear where a new todo is committed.", CLOSE)
    _, commit, following = lines[0]
    if _is(following, "refresh"):
        assert following is not None
        return project.rewrite({following: partial(_calling, name="close", given="")})
    text = code(commit).strip().replace(".commit()", ".close()")
    new = new_statement(project.modules[lines[0][0].path], text)
    return project.rewrite({commit: lambda node: cst.FlattenSentinel([node, new])})


def refresh_instead(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which a todo is read back after commit(), and not closed away.

    Raises AlreadyThere where nothing is closed there, EditNotApplicable where what is returned
    was not found.
    """
    changes: Changes = {}
    for found, _, following in _commits(project):
        if following is None or not _is(following, "close"):
            continue
        returned = [item.value for item in every(found.node.body, cst.Return)]
        if len(returned) != 1 or not isinstance(returned[0], cst.Name):
            raise project.refuse(f"What {found} returns is not understood.", REFRESH)
        name = returned[0].value
        changes[following] = partial(_calling, name="refresh", given=name)
    if changes:
        return project.rewrite(changes)
    if not _commits(project):
        raise project.refuse("It is not clear where a new todo is committed.", REFRESH)
    raise AlreadyThere(
        "No session is closed between the commit and the answer.", "There is nothing left to mend."
    )


def _commits(project: Project) -> list[Line]:
    """Return each commit() of the endpoint that makes a todo, or of a function that it calls."""
    creating = find_collection(project, find_model(project)).creating
    if creating is None:
        return []
    functions = [creating.found, *(found for _, found in called_functions(project, creating.found))]
    return [line for found in dict.fromkeys(functions) for line in _in(found)]


def _in(found: Found[cst.FunctionDef]) -> Iterator[Line]:
    for block in every(found.node.body, cst.IndentedBlock):
        lines = statements(block)
        for line, following in zip(lines, [*lines[1:], None], strict=True):
            if _is(line, "commit"):
                yield found, line, following


def _is(line: Statement | None, method: str) -> bool:
    """Return whether the statement is a call such as `db.commit()` or `await db.commit()`."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return False
    small = line.body[0]
    call = call_of(small.value) if isinstance(small, cst.Expr) else None
    return (
        call is not None and isinstance(call.func, cst.Attribute) and last_name(call.func) == method
    )


def _calling(node: cst.CSTNode, name: str, given: str) -> cst.CSTNode:
    """Return the statement with another method of the same session called, its comment gone."""
    line = cst.ensure_type(node, cst.SimpleStatementLine)
    call = every(line, cst.Call)[0]
    func = cst.ensure_type(call.func, cst.Attribute)
    args = [cst.Arg(cst.Name(given))] if given else []
    new = call.with_changes(func=func.with_changes(attr=cst.Name(name)), args=args)
    ended = line.trailing_whitespace.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return cst.ensure_type(line.deep_replace(call, new), cst.SimpleStatementLine).with_changes(
        trailing_whitespace=ended
    )
