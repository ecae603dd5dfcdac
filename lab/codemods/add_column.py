"""AddColumn and AddNewColumn: a column that the model has and the table may lack."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Found, Project
from lab.codemods.tables import column_names, fields, find_model, is_sqlmodel, with_field
from lab.codemods.tree import annotated, code, every, last_name
from lab.model import AlreadyThere

Kind = Literal["int", "str"]
COLUMN_TYPES: dict[Kind, str] = {"int": "Integer", "str": "String"}


@dataclass(frozen=True)
class AddColumn:
    """One column more in the model; nothing else. A default of None lets it be empty."""

    name: str
    type: Kind = "int"
    default: int | None = None

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the file of the model."""
        model = find_model(project)
        if self.name in column_names(project):
            raise AlreadyThere(f"The model {model} has a column {self.name} already.")
        module = project.modules[model.path]
        line, needed = _column(project, model, self)
        imports = ((model.path, source, name) for source, name in needed)
        return project.rewrite({model.node: lambda node: with_field(module, node, line)}, *imports)


@dataclass(frozen=True)
class AddNewColumn:
    """A column that the model does not have yet: the first candidate that is free.

    Where none is free, the last one gets a number: note_2, note_3 and so on.
    """

    candidates: tuple[AddColumn, ...] = (
        AddColumn("priority", "int", default=0),
        AddColumn("due_date", "str"),
        AddColumn("note", "str"),
        AddColumn("color", "str"),
    )

    def choose(self, project: Project, taken: Collection[str] = ()) -> AddColumn:
        """Return the column that apply() adds; one in `taken` is passed over.

        Raises EditNotApplicable where the model was not found.
        """
        known = {*taken, *column_names(project)}
        for candidate in self.candidates:
            if candidate.name not in known:
                return candidate
        last = self.candidates[-1]
        number = 2
        while f"{last.name}_{number}" in known:
            number += 1
        return AddColumn(f"{last.name}_{number}", last.type, last.default)

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the file of the model."""
        return self.choose(project).apply(project)


def _column(
    project: Project, model: Found[cst.ClassDef], column: AddColumn
) -> tuple[str, list[tuple[str, str]]]:
    """Return the line that declares the column as its neighbours are, and the imports for it."""
    name, kind, default = column.name, column.type, column.default
    own = list(fields(model).values())
    types = [small.annotation for small in own if isinstance(small, cst.AnnAssign)]
    optional = default is None
    python_type = annotated(optional=kind, like=types) if optional else kind
    wrapper = next(
        (
            note.annotation.value
            for note in reversed(types)
            if isinstance(note.annotation, cst.Subscript)
            and project.original_name(model.path, note.annotation.value) == "Mapped"
        ),
        None,
    )
    calls = [
        call.func
        for small in reversed(own)
        for call in every(small, cst.Call)
        if project.original_name(model.path, call.func) in ("Column", "mapped_column")
    ]
    if wrapper is not None:
        maker = code(calls[0]) if calls else _beside(wrapper, "mapped_column")
        missing = [] if calls or "." in maker else [("sqlalchemy.orm", "mapped_column")]
        return f"{name}: {code(wrapper)}[{python_type}] = {maker}(default={default})", missing
    if is_sqlmodel(project, model):
        return f"{name}: {python_type} = {default}", []
    if calls:
        column_type = COLUMN_TYPES[kind]
        beside = _beside(calls[0], column_type)
        missing = [] if "." in beside else [("sqlalchemy", column_type)]
        rest = "nullable=True" if optional else f"default={default}, nullable=False"
        return f"{name} = {code(calls[0])}({beside}, {rest})", missing
    raise project.refuse(
        f"The model {model} declares its columns in a way that is not understood.",
        f"Add the column {name} by hand, as you did with the others.",
    )


def _beside(node: cst.BaseExpression, name: str) -> str:
    """Return `name` with what stands before the last dot of `node`: sa.Column -> sa.Integer."""
    if isinstance(node, cst.Attribute) and last_name(node):
        return f"{code(node.value)}.{name}"
    return name
