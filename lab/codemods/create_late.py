"""CreateLate: the tables are created when the models are known."""

from __future__ import annotations

from dataclasses import dataclass

from lab.codemods.create_early import (
    Line,
    Named,
    base_of_model,
    creating,
    creating_line,
    engine_of,
    index_of,
    without_line,
)
from lab.codemods.edit import written
from lab.codemods.imports import with_import
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Found, Project
from lab.codemods.tables import find_model
from lab.codemods.tree import argument, definitions, imports
from lab.model import AlreadyThere

LATE = (
    "By hand: let `Base.metadata.create_all(engine)` run where your models have been imported, "
    "such as above `app = FastAPI()`."
)


@dataclass(frozen=True)
class CreateLate:
    """create_all() runs once the models are known."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files that change."""
        return written(create_late(project))


def create_late(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which create_all() runs once the models are known.

    Raises AlreadyThere where it does, EditNotApplicable where the app's start is not understood.
    """
    model, base, created = (
        find_model(project),
        base_of_model(project, LATE),
        creating_line(project, LATE),
    )
    engine = engine_of(project, created, LATE)
    making = [
        found
        for found in project.every(cst.Call)
        if project.original_name(found.path, found.node.func) == "FastAPI"
    ]
    if len(making) != 1:
        raise project.refuse("It is not clear where your app is made.", LATE)
    path = making[0].path
    lifespan = _lifespan(project, making[0])
    home = lifespan.path if lifespan else path
    body = list(project.modules[path].body)
    last = max((n for n, line in enumerate(body) if _is_import(line)), default=-1)
    place = max(index_of(body, making[0].node), last + 1, index_of(body, model.node, -1) + 1)
    if place >= len(body) and not lifespan:
        raise project.refuse("It is not clear where your app is made.", LATE)
    if created and _is_late(project, created, model, lifespan, path, last):
        raise AlreadyThere(
            "create_all() runs when the model is known already.", "There is nothing left to repair."
        )
    names = [_known(project, home, base), _known(project, home, engine)]
    line = creating(project, home, f"{names[0][0]}.metadata", names[1][0], created)
    notes = [item for item in created.node.leading_lines if item.comment] if created else []
    changes = without_line(project, created) if created else {}
    if lifespan:
        function = lifespan.node
        start = 1 if function.get_docstring() is not None else 0

        def beginning(node: cst.CSTNode) -> cst.CSTNode:
            inner = cst.ensure_type(node, cst.FunctionDef).body
            lines = [*inner.body[:start], line.with_changes(leading_lines=notes)]
            return node.with_deep_changes(inner, body=[*lines, *inner.body[start:]])

        changes[function] = beginning
    else:

        def above(node: cst.CSTNode) -> cst.FlattenSentinel[cst.CSTNode]:
            blank = [item for item in getattr(node, "leading_lines", ()) if not item.comment]
            first = line.with_changes(leading_lines=[*blank, *notes])
            return cst.FlattenSentinel([first, node])

        changes[body[place]] = above
    rewritten = project.rewrite(changes)
    for name, source in names:
        if source:
            rewritten[home] = with_import(rewritten[home], source, name)
    return rewritten


def _is_import(line: cst.CSTNode) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and isinstance(
        line.body[0], cst.Import | cst.ImportFrom
    )


def _lifespan(project: Project, making: Found[cst.Call]) -> Found[cst.FunctionDef] | None:
    given = argument(making.node, "lifespan")
    meant = project.resolve(making.path, given) if given is not None else None
    if meant is None or not isinstance(meant.node, cst.FunctionDef):
        return None
    indented = isinstance(meant.node.body, cst.IndentedBlock)
    return Found(meant.path, meant.node) if indented else None


def _is_late(
    project: Project,
    created: Found[Line],
    model: Found[cst.ClassDef],
    lifespan: Found[cst.FunctionDef] | None,
    path: str,
    last: int,
) -> bool:
    body = list(project.modules[created.path].body)
    if not any(line is created.node for line in body):
        return True  # in a function, which runs when all is imported
    place = index_of(body, created.node)
    if created.path == model.path:
        return place > index_of(body, model.node)
    return created.path == path and place > last


def _known(project: Project, path: str, wanted: Named) -> tuple[str, str]:
    """Return how a module calls what another defines, and where it has to import it from, if so."""
    module = project.modules[path]
    bound = imports(module)
    for name in [wanted.name, *definitions(module), *bound]:
        if name.startswith("*"):
            continue
        expression = cst.parse_expression(name)
        inside = cst.Attribute(expression, cst.Name(wanted.name))
        for tried, text in ((expression, name), (inside, f"{name}.{wanted.name}")):
            meant = project.resolve(path, tried)
            if meant is not None and meant.node is wanted.node:
                return text, ""
    for name in bound:
        meant = project.resolve(path, cst.Name(name)) if name.isidentifier() else None
        if meant is not None and meant.path == wanted.path:
            return wanted.name, project.source_of(path, name)
    raise project.refuse(f"It is not clear how {path} would import {wanted.name}.", LATE)
