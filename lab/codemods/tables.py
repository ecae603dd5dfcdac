"""The model: which class is the learner's table, and which fields a class has."""

from __future__ import annotations

from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Found, Project, found_once
from lab.codemods.tree import (
    argument,
    as_block,
    bindings,
    dotted_name,
    every,
    is_docstring,
    new_statement,
    statements,
    text_of,
)

NAMES = {"todo", "todos", "todoitem", "todomodel", "task", "tasks", "taskitem", "taskmodel"}


def fields(found: Found[cst.ClassDef]) -> dict[str, cst.CSTNode]:
    """Return the attributes that stand in this class itself, by name."""
    return {
        name: small
        for line in statements(found.node.body)
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
        for name, _ in bindings(small)
    }


def all_fields(project: Project, found: Found[cst.ClassDef]) -> dict[str, cst.CSTNode]:
    """Return the attributes of a class, those of its base classes included."""
    line = project.ancestry(found)
    return {name: small for item in reversed(line) for name, small in fields(item).items()}


def is_table(found: Found[cst.ClassDef]) -> bool:
    """Return whether the class is a table of its own: a mixin or a schema is none."""
    return "__tablename__" in fields(found) or any(
        keyword.keyword is not None
        and keyword.keyword.value == "table"
        and dotted_name(keyword.value) == "True"
        for keyword in found.node.keywords
    )


def is_sqlmodel(project: Project, found: Found[cst.ClassDef]) -> bool:
    """Return whether the class is model and schema at once, as SQLModel's are."""
    return "SQLModel" in project.library_bases(found)


@found_once
def find_model(project: Project) -> Found[cst.ClassDef]:
    """Return the class of the todos' table: the only one, or the only one with `completed`.

    Of several such, or of none, the only one that is named as todos are. Raises EditNotApplicable
    where there is none, or more than one.
    """
    tables = [found for found in project.every(cst.ClassDef) if is_table(found)]
    if not tables:
        raise project.refuse(
            "No model was found: no class of yours has a __tablename__ or table=True.",
            "Make the change by hand, in the place where you describe your table.",
        )
    fitting = [found for found in tables if "completed" in all_fields(project, found)]
    if len(tables) == 1:
        return tables[0]
    if len(fitting) == 1:
        return fitting[0]
    named = [found for found in fitting or tables if found.node.name.value.lower() in NAMES]
    if len(named) == 1:
        return named[0]
    names = " and ".join(str(found) for found in fitting or tables)
    raise project.refuse(
        f"It is not clear which class is the model of the todos: {names}.",
        "Keep one copy of the model (the one with a `completed` column) in your folder, "
        "or make the change by hand.",
    )


def with_field(module: cst.Module, node: cst.CSTNode, text: str) -> cst.ClassDef:
    """Return the class with a field more, below its last one."""
    owner = cst.ensure_type(node, cst.ClassDef)
    block = as_block(owner.body)
    body = [line for line in block.body if not _is_placeholder(line)]
    fielded = [
        number
        for number, line in enumerate(body)
        if isinstance(line, cst.SimpleStatementLine)
        and any(True for small in line.body for _ in bindings(small))
    ]
    new = new_statement(module, text)
    first = 1 if body and is_docstring(body[0]) else 0
    place = fielded[-1] + 1 if fielded else first
    if len(body) < len(block.body):  # `pass` goes, a comment above it stays
        gone = next(line for line in statements(block) if _is_placeholder(line))
        new = new.with_changes(leading_lines=gone.leading_lines)
    body.insert(place, new)
    return owner.with_changes(body=block.with_changes(body=body))


def _is_placeholder(line: cst.BaseStatement | cst.BaseSmallStatement) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and all(
        isinstance(small, cst.Pass)
        or (isinstance(small, cst.Expr) and isinstance(small.value, cst.Ellipsis))
        for small in line.body
    )


def column_names(project: Project) -> set[str]:
    """Return the names that a new column of the model cannot have.

    Raises EditNotApplicable where the model was not found.
    """
    model = find_model(project)
    spelt_out = {
        text_of(argument(call, "name", 0))
        for item in project.ancestry(model)
        for call in every(item.node, cst.Call)
        if project.original_name(item.path, call.func) in ("Column", "mapped_column")
    }
    return {*all_fields(project, model), *filter(None, spelt_out)}
