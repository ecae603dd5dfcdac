"""AddField: a field that clients may send, and get back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Literal

from lab.codemods.add_column import Kind, Value
from lab.codemods.edit import written
from lab.codemods.endpoints import find_collection
from lab.codemods.field_mapping import hand_to_answers, hand_to_rows
from lab.codemods.project import Changes, Project
from lab.codemods.schemas import Class, create_schema, response_schemas
from lab.codemods.tables import all_fields, fields, find_model, with_field
from lab.codemods.tree import annotated, literal
from lab.model import AlreadyThere


@dataclass(frozen=True)
class AddField:
    """One field more in the schemas, handed on where the code does so field by field."""

    name: str
    type: Kind = "int"
    default: Value = None
    to: tuple[Literal["create", "response"], ...] = ("create", "response")

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files of the schemas, and those that hand the field on."""
        name, model = self.name, find_model(project)
        collection = find_collection(project)
        creates = [create_schema(project, collection, model)] if "create" in self.to else []
        responses = response_schemas(project, collection) if "response" in self.to else []
        wanted = list(dict.fromkeys([*creates, *responses]))
        missing = [item for item in wanted if name not in all_fields(project, item)]
        changes: Changes = {}
        for item in _holders(project, missing, model, name):
            bare = item in responses and item != model and not _inherited_by(project, item, creates)
            line = _field(item, self, bare=bare and self.default is not None)
            changes[item.node] = partial(with_field, project.modules[item.path], text=line)
        if creates:
            changes |= hand_to_rows(project, model, creates[0], name)
        if "response" in self.to:
            changes |= hand_to_answers(project, responses, name)
        if not changes:
            raise AlreadyThere(
                f"The field {name} is in the schemas already.", "There is nothing left to add."
            )
        return written(project.rewrite(changes))


def _field(item: Class, field: AddField, *, bare: bool) -> str:
    kind: str = field.type
    if field.default is None:
        kind = annotated(optional=kind, like=fields(item).values())
    given = "" if bare else f" = {literal(field.default, item.node)}"
    return f"{field.name}: {kind}{given}"


def _inherited_by(project: Project, item: Class, others: Collection[Class]) -> bool:
    return any(item in project.ancestry(other) for other in others)


def _holders(project: Project, missing: list[Class], model: Class, name: str) -> list[Class]:
    """Return the classes to put the field in, so that each of `missing` has it exactly once."""
    lines = [project.ancestry(item) for item in missing]
    taken = project.ancestry(model) if name in all_fields(project, model) else []
    for item in lines[0] if lines else []:
        if item not in taken and all(item in line for line in lines):
            return [item]
    return [
        item
        for item, line in zip(missing, lines, strict=True)
        if not any(other in line for other in missing if other != item)
    ]
