"""When the tables are created: before the models are known, or after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.codemods.imports import with_import
from lab.codemods.lazy_libcst import cst
from lab.codemods.pieces import after
from lab.codemods.project import Changes, Found, Project
from lab.codemods.tables import find_model
from lab.codemods.tree import (
    argument,
    contains,
    definitions,
    every,
    imports,
    last_name,
    new_statement,
)
from lab.model import AlreadyThere

Line = cst.SimpleStatementLine
EARLY = (
    "Call create_all() by hand where no model is known yet: right below `class Base`, or above the "
    "class of your model."
)
LATE = (
    "By hand: let `Base.metadata.create_all(engine)` run where your models have been imported, "
    "such as above `app = FastAPI()`."
)


@dataclass(frozen=True)
class _Named:
    """Something that a module defines at its top level: the base class, or the engine."""

    path: str
    name: str
    node: cst.CSTNode


def create_early(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which create_all() runs right below the base class.

    Raises AlreadyThere where it runs before the model is known, EditNotApplicable where it was
    not found, or has no place there.
    """
    model, base = find_model(project), _base(project, EARLY)
    created = _created(project)
    if created is None:
        raise project.refuse("No line of its own that calls create_all() was found.", EARLY)
    body = list(project.modules[base.path].body)
    if created.path == base.path and _index(body, created.node) < _index(body, model.node):
        raise AlreadyThere(
            f"create_all() runs in {base.path} before the model is known.", "Repair it first."
        )
    engine = _engine(project, created, EARLY)
    place = max(_index(body, base.node), _index(body, engine.node))
    if engine.path != base.path or place > _index(body, model.node):
        raise project.refuse(f"In {base.path} there is no engine above the model.", EARLY)
    line = _calling(project, base.path, f"{base.name}.metadata", engine.name, created)

    def followed(node: cst.CSTNode) -> cst.FlattenSentinel[cst.CSTNode]:
        first, second = after(node, line)
        blank = second.leading_lines if isinstance(second, Line) else ()
        notes = [item for item in created.node.leading_lines if item.comment]
        return cst.FlattenSentinel([first, line.with_changes(leading_lines=[*blank, *notes])])

    return project.rewrite({body[place]: followed, **_gone(project, created)})


def create_late(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which create_all() runs once the models are known.

    Raises AlreadyThere where it does, EditNotApplicable where the app's start is not understood.
    """
    model, base, created = find_model(project), _base(project, LATE), _created(project)
    engine = _engine(project, created, LATE)
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
    place = max(_index(body, making[0].node), last + 1, _index(body, model.node, -1) + 1)
    if place >= len(body) and not lifespan:
        raise project.refuse("It is not clear where your app is made.", LATE)
    if created and _is_late(project, created, model, lifespan, path, last):
        raise AlreadyThere(
            "create_all() runs when the model is known already.", "There is nothing left to repair."
        )
    names = [_known(project, home, base), _known(project, home, engine)]
    line = _calling(project, home, f"{names[0][0]}.metadata", names[1][0], created)
    notes = [item for item in created.node.leading_lines if item.comment] if created else []
    changes = _gone(project, created) if created else {}
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


def _base(project: Project, by_hand: str) -> _Named:
    """Return the class that the model and others inherit their metadata from."""
    for item in project.ancestry(find_model(project)):
        if any(
            project.original_name(item.path, b.value) == "DeclarativeBase" for b in item.node.bases
        ):
            return _Named(item.path, item.node.name.value, item.node)
        for base in item.node.bases:
            meant = project.resolve(item.path, base.value)
            if meant is not None and isinstance(meant.node, cst.Call):
                return _Named(meant.path, _name_of(project, meant), meant.node)
    raise project.refuse("The base class of your model was not found in your code.", by_hand)


def _name_of(project: Project, found: Found[cst.CSTNode]) -> str:
    known = definitions(project.modules[found.path])
    return next((name for name, node in known.items() if node is found.node), "")


def _created(project: Project) -> Found[Line] | None:
    """Return the line that calls create_all(); None where there is none of its own."""
    lines = [
        found
        for found in project.every(Line)
        if len(found.node.body) == 1
        and isinstance(found.node.body[0], cst.Expr)
        and isinstance(found.node.body[0].value, cst.Call)
        and last_name(found.node.body[0].value.func) == "create_all"
    ]
    if len(lines) > 1:
        names = " and ".join(found.path for found in lines)
        raise project.refuse(f"create_all() is called more than once: in {names}.", LATE)
    return lines[0] if lines else None


def _engine(project: Project, created: Found[Line] | None, by_hand: str) -> _Named:
    if created is not None:
        call = every(created.node, cst.Call)[0]
        given = argument(call, "bind", 0)
        meant = project.resolve(created.path, given) if given is not None else None
        candidates = [meant] if meant is not None else []
    else:
        candidates = [
            Found[cst.CSTNode](path, node)
            for path, module in project.modules.items()
            for node in definitions(module).values()
            if isinstance(node, cst.Call)
            and project.original_name(path, node.func) == "create_engine"
        ]
    named = [(found, _name_of(project, found)) for found in candidates]
    if len(named) != 1 or not named[0][1]:
        raise project.refuse("The engine that the tables are created on was not found.", by_hand)
    found, name = named[0]
    return _Named(found.path, name, found.node)


def _index(body: Sequence[cst.CSTNode], node: cst.CSTNode, default: int = 1_000_000) -> int:
    """Return where in a block the statement stands that the node is part of."""
    return next((n for n, line in enumerate(body) if contains(line, node)), default)


def _is_import(line: cst.CSTNode) -> bool:
    return isinstance(line, Line) and isinstance(line.body[0], cst.Import | cst.ImportFrom)


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
    place = _index(body, created.node)
    if created.path == model.path:
        return place > _index(body, model.node)
    return created.path == path and place > last


def _known(project: Project, path: str, wanted: _Named) -> tuple[str, str]:
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


def _calling(
    project: Project, path: str, metadata: str, engine: str, like: Found[Line] | None
) -> Line:
    """Return the line that creates the tables, with the comment and the keyword of the old one."""
    call = every(like.node, cst.Call)[0] if like else None
    keyword = "bind=" if call is not None and argument(call, "bind") is not None else ""
    text = f"{metadata}.create_all({keyword}{engine})"
    line = cst.ensure_type(new_statement(project.modules[path], text), Line)
    return line.with_changes(trailing_whitespace=like.node.trailing_whitespace) if like else line


def _gone(project: Project, created: Found[Line]) -> Changes:
    """Return the change that takes the line away; `pass` stays where its block would be empty."""
    module = project.modules[created.path]
    for block in every(module, cst.IndentedBlock):
        if len(block.body) == 1 and block.body[0] is created.node:
            return {created.node: lambda node: new_statement(module, "pass")}
    changes: Changes = {created.node: lambda node: cst.FlattenSentinel[cst.CSTNode]([])}
    blank = [item for item in created.node.leading_lines if not item.comment]
    body = list(module.body)
    behind = body[_index(body, created.node) + 1 :][:1]
    bare = behind and not getattr(behind[0], "leading_lines", ())
    if bare and any(line is created.node for line in body):
        changes[behind[0]] = lambda node: node.with_changes(leading_lines=blank)
    return changes
