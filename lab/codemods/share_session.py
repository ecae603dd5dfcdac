"""ShareSession: one session for all requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project, replaced
from lab.codemods.session_dependency import (
    Function,
    depended_on,
    find_dependency,
    find_exit,
    find_opening,
    must_not_commit,
    opens,
    up_to_exit,
    with_body,
    without_generator,
)
from lab.codemods.tree import (
    bindings,
    code,
    definitions,
    every,
    new_statement,
    parameters,
)
from lab.model import AlreadyThere

SHARED = "shared_session"
BY_HAND = "By hand: keep the first session in a variable, and give it to every request."


@dataclass(frozen=True)
class ShareSession:
    """The session dependency returns one session, made when the app is imported."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the file of the dependency, with the session above it."""
        if sharing := next(_sharing(project), None):
            raise AlreadyThere(
                f"{sharing} gives every request the same session already.",
                "Repair it first, or go on from here.",
            )
        found = find_dependency(project)
        must_not_commit(project, found)
        exit, opening = find_exit(project, found), find_opening(project, found)
        module = project.modules[found.path]
        local = {param.name.value for param in parameters(found.node)}
        if local & {name.value for name in every(opening.call, cst.Name)}:
            raise project.refuse(
                f"What {found} opens its session with is known during a request only.", BY_HAND
            )
        if SHARED in definitions(module):
            raise project.refuse(f"There is a {SHARED} in {found.path} already.", BY_HAND)
        lines = up_to_exit(project, found, opening, exit, "return")
        names: Changes = {}
        for own in lines:
            for name in every(own, cst.Name):
                if name.value == opening.name:
                    names[name] = lambda node: cst.Name(SHARED)
            for call in every(own, cst.Call):
                if call.deep_equals(opening.call):
                    names[call] = lambda node: cst.Name(SHARED)
        body = [replaced(line, names) for line in lines if not _binds(line, opening.name)]
        returns = without_generator(found.node.returns)
        making = new_statement(module, f"{SHARED} = {code(opening.call)}")
        gap = [blank for blank in found.node.leading_lines if blank.comment is None]

        def shared(node: cst.CSTNode) -> cst.FlattenSentinel[cst.CSTNode]:
            function = with_body(node, body, returns=returns)
            return cst.FlattenSentinel([making.with_changes(leading_lines=gap), function])

        return project.rewrite({found.node: shared})


def _binds(line: cst.CSTNode, name: str | None) -> bool:
    """Return whether the statement gives a value to the name."""
    return isinstance(line, cst.SimpleStatementLine) and any(
        bound == name for small in line.body for bound, _ in bindings(small)
    )


def _sharing(project: Project) -> Iterator[Function]:
    """Yield the dependencies that give out a session that their module has opened."""
    for function in depended_on(project):
        for name in every(function.node.body, cst.Name):
            meant = project.resolve(function.path, name)
            if meant is None or not isinstance(meant.node, cst.Call):
                continue
            if opens(project, meant.path, meant.node):
                yield function
