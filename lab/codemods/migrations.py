"""Alembic for the learner's todos: its files, and an app that brings its database up to date."""

from __future__ import annotations

import libcst as cst

from lab.codemods.imports import with_import, without_imports
from lab.codemods.migrations_texts import ENV, FIRST, INI, MAKO, SECOND
from lab.codemods.project import Found, Project
from lab.codemods.tables import column_names, fields, find_model
from lab.codemods.tree import (
    bindings,
    definitions,
    dotted_name,
    every,
    last_name,
    new_statement,
    text_of,
)
from lab.model import AlreadyThere

COLUMNS = {"id", "title", "completed", "created_at"}  # what the first migration makes
BY_HAND = (
    "Begin with `alembic init migrations`, let its env.py know your models, and write two "
    "migrations: one for the table as it was, one for the priority."
)
UPGRADE = 'command.upgrade(Config("alembic.ini"), "head")'


def add_migrations(project: Project) -> dict[str, bytes]:
    """Return the files of Alembic, and the app's module with what runs them at its start.

    Raises AlreadyThere where the app runs migrations, EditNotApplicable where the table is not
    as the first migration would make it, or the app's parts are not understood.
    """
    if any(_is_upgrade(found.node) for found in project.every(cst.Call)):
        raise AlreadyThere("Your app runs its migrations already.", "There is nothing left to add.")
    model = find_model(project)
    columns = {name for name in column_names(project) if not name.startswith("_")}
    if columns - {"priority"} != COLUMNS or _table(model) != "todos":
        raise project.refuse(
            f"The lab's first migration makes a table todos with {', '.join(sorted(COLUMNS))}; "
            f"{model} is another one.",
            BY_HAND,
        )
    base, engine = _base(project, model), _engine(project)
    path, tree = _started(project)
    env = ENV.format(
        model=_module(model.path).rpartition(".")[2],
        package=_module(model.path).rpartition(".")[0],
        base=base.node.name.value,
        base_module=_module(base.path),
        engine=engine[1],
        engine_module=_module(engine[0]),
    )
    return {
        path: tree.bytes,
        "alembic.ini": INI.encode(),
        "migrations/env.py": _tidy(env).encode(),
        "migrations/script.py.mako": MAKO.encode(),
        "migrations/versions/0001_create_todos.py": FIRST.encode(),
        "migrations/versions/0002_add_priority.py": SECOND.encode(),
    }


def _is_upgrade(call: cst.Call) -> bool:
    return dotted_name(call.func).endswith("command.upgrade")


def _table(model: Found[cst.ClassDef]) -> str | None:
    named = fields(model).get("__tablename__")
    values = [value for _, value in bindings(named)] if named is not None else []
    return text_of(values[0]) if values else None


def _base(project: Project, model: Found[cst.ClassDef]) -> Found[cst.ClassDef]:
    line = project.ancestry(model)
    if len(line) < 2:
        raise project.refuse(f"{model} has no base class of your own.", BY_HAND)
    return line[-1]


def _engine(project: Project) -> tuple[str, str]:
    """Return the file and the name of the engine. Raises EditNotApplicable where unclear."""
    found = [
        (path, name)
        for path, tree in project.modules.items()
        for name, value in definitions(tree).items()
        if isinstance(value, cst.Call) and last_name(value.func) == "create_engine"
    ]
    if len(found) != 1:
        raise project.refuse("Your engine was not found, or there are several.", BY_HAND)
    return found[0]


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _tidy(env: str) -> str:
    """Return env.py for models that lie beside it, without a package."""
    return env.replace("from  import", "import")


def _started(project: Project) -> tuple[str, cst.Module]:
    """Return the module in which create_all() gives way to the migrations."""
    found = [
        Found(item.path, item.node)
        for item in project.every(cst.SimpleStatementLine)
        if any(last_name(call.func) == "create_all" for call in every(item.node, cst.Call))
    ]
    if len(found) != 1:
        raise project.refuse("Your create_all() was not found, or there are several.", BY_HAND)
    path, line = found[0].path, found[0].node
    module = project.modules[path]
    new = new_statement(module, UPGRADE).with_changes(leading_lines=line.leading_lines)
    tree = project.rewrite({line: lambda node: new})[path]
    tree = without_imports(tree, {name.value for name in every(line, cst.Name)})
    tree = with_import(tree, "alembic", "command")
    return path, with_import(tree, "alembic.config", "Config")
