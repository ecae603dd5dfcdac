"""CloseEarly: the session is closed before the answer is made of what it read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lab.codemods.endpoints import called_functions, find_collection
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Found, Project
from lab.codemods.tree import Statement, called_method, code, every, new_statement, statements
from lab.model import AlreadyThere

BY_HAND = "By hand: call db.close() after db.commit(), and before the todo is returned."
# A commit with the function that it stands in, and with what follows it.
Commit: TypeAlias = "tuple[Found[cst.FunctionDef], Statement, Statement | None]"


@dataclass(frozen=True)
class CloseEarly:
    """close() stands between the commit of a new todo and its answer, in place of refresh()."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the file in which a new todo is committed."""
        commits = _commits_of_new_todo(project)
        if any(called_method(following) == "close" for _, _, following in commits):
            raise AlreadyThere(
                "The session is closed before the answer is made already.", "Mend that first."
            )
        if len(commits) != 1:
            raise project.refuse("It is not clear where a new todo is committed.", BY_HAND)
        found, commit, following = commits[0]
        if following is not None and called_method(following) == "refresh":
            return project.rewrite({following: _closing})
        text = code(commit).strip().replace(".commit()", ".close()")
        new = new_statement(project.modules[found.path], text)
        return project.rewrite({commit: lambda node: cst.FlattenSentinel([node, new])})


def _commits_of_new_todo(project: Project) -> list[Commit]:
    """Return each commit() of the endpoint that makes a todo, or of a function that it calls."""
    creating = find_collection(project).creating
    if creating is None:
        return []
    functions = [creating.found, *(found for _, found in called_functions(project, creating.found))]
    found: list[Commit] = []
    for function in dict.fromkeys(functions):
        for block in every(function.node.body, cst.IndentedBlock):
            lines = statements(block)
            for line, following in zip(lines, [*lines[1:], None], strict=True):
                if called_method(line) == "commit":
                    found.append((function, line, following))
    return found


def _closing(node: cst.CSTNode) -> cst.CSTNode:
    """Return the statement with close() called on the same session, its comment gone."""
    line = cst.ensure_type(node, cst.SimpleStatementLine)
    call = every(line, cst.Call)[0]
    func = cst.ensure_type(call.func, cst.Attribute).with_changes(attr=cst.Name("close"))
    closed = line.deep_replace(call, call.with_changes(func=func, args=[]))
    end = line.trailing_whitespace.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    return cst.ensure_type(closed, cst.SimpleStatementLine).with_changes(trailing_whitespace=end)
