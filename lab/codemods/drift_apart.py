"""DriftApart: schema, model and answer no longer know the same fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab.codemods.add_column import AddColumn
from lab.codemods.add_field import AddField
from lab.codemods.edit import apply_all
from lab.codemods.endpoints import find_collection
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Project
from lab.codemods.schemas import create_schema, response_schemas
from lab.codemods.tables import all_fields, column_names, find_model
from lab.model import AlreadyThere


@dataclass(frozen=True)
class DriftApart:
    """The create schema gets two fields: the model lacks the one, the answers lack the other.

    A name that is taken gets a number.
    """

    unknown: str = "remark"
    unseen: str = "place"

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files of the model and of the schemas."""
        if apart := [name for name, _ in fields_apart(project)]:
            raise AlreadyThere(
                f"The layers of your app are apart already: not all of them know {apart[0]}.",
                "Repair it first, or go on from here.",
            )
        taken = column_names(project)
        for item in project.every(cst.ClassDef):
            taken |= all_fields(project, item).keys()
        unknown, unseen = _free(self.unknown, taken), _free(self.unseen, taken)
        edits = (
            AddColumn(unseen, "str"),
            AddField(unseen, "str", to=("create",)),
            AddField(unknown, "str", to=("create",)),
        )
        return apply_all(edits, project)


def _free(name: str, taken: set[str]) -> str:
    number, tried = 1, name
    while tried in taken:
        number += 1
        tried = f"{name}_{number}"
    return tried


def fields_of_create(project: Project) -> Iterator[tuple[str, cst.AnnAssign]]:
    model = find_model(project)
    schema = create_schema(project, find_collection(project), model)
    for name, field in all_fields(project, schema).items():
        if isinstance(field, cst.AnnAssign) and name != "model_config":
            yield name, field


def fields_apart(project: Project) -> Iterator[tuple[str, cst.AnnAssign]]:
    """Yield the fields of the create schema that the model or an answer does not know."""
    collection = find_collection(project)
    columns = column_names(project)
    answers = [all_fields(project, item) for item in response_schemas(project, collection)]
    for name, field in fields_of_create(project):
        if name not in columns or any(name not in answer for answer in answers):
            yield name, field
