"""AlignLayers: schema, model and answer know the same fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab.codemods.add_column import AddColumn, Kind, Value
from lab.codemods.add_field import AddField
from lab.codemods.drift_apart import fields_apart, fields_of_create
from lab.codemods.edit import Edit, apply_all
from lab.codemods.endpoints import find_collection
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Project
from lab.codemods.schemas import response_schemas
from lab.codemods.tree import every, last_name
from lab.model import AlreadyThere

EMPTY: dict[Kind, Value] = {"int": 0, "str": "", "bool": False}


@dataclass(frozen=True)
class AlignLayers:
    """Every layer knows every field that a new todo may have."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files that change."""
        return apply_all(aligning(project), project)


def aligning(project: Project) -> list[Edit]:
    """Return the edits that make every layer know every field of the create schema.

    Raises AlreadyThere where all do, EditNotApplicable where the type of a field is none that
    can be written into the model.
    """
    edits: list[Edit] = []
    for name, field in fields_apart(project):
        kind, default = _described(project, name, field)
        edits.append(AddColumn(name, kind, default))
        edits.append(AddField(name, kind, default))
    edits += _perhaps(project)
    if not edits:
        raise AlreadyThere(
            "Every layer knows every field that a new todo may have.", "There is nothing to repair."
        )
    return edits


def _perhaps(project: Project) -> list[Edit]:
    """Return edits for answers that are no schema: they change those that lack a field."""
    collection = find_collection(project)
    if response_schemas(project, collection):
        return []
    return [
        AddField(name, kind, default)
        for name, field in fields_of_create(project)
        for kind, default in _understood(field)
    ]


def _described(project: Project, name: str, field: cst.AnnAssign) -> tuple[Kind, Value]:
    """Return the type of a field and its default, as a column has them."""
    understood = list(_understood(field))
    if not understood:
        raise project.refuse(
            f"The field {name} has a type that is not understood.",
            f"By hand: give {name} to the model, to the schema of the answer, and to the table.",
        )
    return understood[0]


def _understood(field: cst.AnnAssign) -> Iterator[tuple[Kind, Value]]:
    """Yield the type and the default of a field, where its type is one that a column can have."""
    value = field.value
    for kind in EMPTY:
        if not _is(field.annotation.annotation, kind):
            continue
        if {"None", "Optional"} & {item.value for item in every(field.annotation, cst.Name)}:
            yield kind, None
        elif isinstance(value, cst.SimpleString):
            yield kind, str(value.evaluated_value)
        elif isinstance(value, cst.Integer):
            yield kind, int(value.value)
        elif isinstance(value, cst.Name) and value.value in ("True", "False"):
            yield kind, value.value == "True"
        else:
            yield kind, EMPTY[kind]


def _is(note: cst.BaseExpression, kind: str) -> bool:
    """Return whether a type is this one: str, str | None, Optional[str] or Annotated[str, ...]."""
    if isinstance(note, cst.BinaryOperation):
        sides = (note.left, note.right)
        other = [side for side in sides if last_name(side) != "None"]
        return len(other) == 1 and _is(other[0], kind)
    if isinstance(note, cst.Subscript) and last_name(note.value) in ("Optional", "Annotated"):
        first = note.slice[0].slice
        return isinstance(first, cst.Index) and _is(first.value, kind)
    return isinstance(note, cst.Name) and note.value == kind
