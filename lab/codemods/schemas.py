"""The schemas: what clients send and get back, and how both get one more field."""

from __future__ import annotations

from collections.abc import Collection as Several
from functools import partial

from lab.codemods.endpoints import (
    Collection,
    answers,
    classes_in,
    find_collection,
)
from lab.codemods.field_mapping import hand_to_answers, hand_to_rows
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Found, Project
from lab.codemods.tables import all_fields, fields, find_model, with_field
from lab.codemods.tree import (
    annotated,
    literal,
    parameters,
)
from lab.model import AlreadyThere

Class = Found[cst.ClassDef]


def add_field(
    project: Project, name: str, kind: str, default: object, to: Several[str]
) -> dict[str, cst.Module]:
    """Return the modules in which the schemas have the field, and pass it on.

    Raises AlreadyThere where nothing is missing, EditNotApplicable where a schema was not
    found or creation cannot be followed.
    """
    model = find_model(project)
    collection = find_collection(project, model)
    creates = [create_schema(project, collection, model)] if "create" in to else []
    responses = response_schemas(project, collection) if "response" in to else []
    wanted = list(dict.fromkeys([*creates, *responses]))
    missing = [item for item in wanted if name not in all_fields(project, item)]
    changes: Changes = {}
    for item in _holders(project, missing, model, name):
        bare = item in responses and item != model and not _inherited_by(project, item, creates)
        line = _field(item, name, kind, default, bare=bare and default is not None)
        module = project.modules[item.path]
        changes[item.node] = partial(with_field, module, text=line)
    if creates:
        changes |= hand_to_rows(project, model, creates[0], name)
    if "response" in to:
        changes |= hand_to_answers(project, responses, name)
    if not changes:
        raise AlreadyThere(
            f"The field {name} is in the schemas already.", "There is nothing left to add."
        )
    return project.rewrite(changes)


def _field(item: Class, name: str, kind: str, default: object, *, bare: bool) -> str:
    if default is None:
        kind = annotated(optional=kind, like=fields(item).values())
    return f"{name}: {kind}" if bare else f"{name}: {kind} = {literal(default, item.node)}"


def _inherited_by(project: Project, item: Class, others: Several[Class]) -> bool:
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


def create_schema(project: Project, collection: Collection, model: Class) -> Class:
    creating = collection.creating
    if creating is not None:
        bodies = [
            found
            for param in parameters(creating.function)
            if param.annotation is not None
            for found in classes_in(project, Found(creating.path, param.annotation.annotation))
            if project.library_bases(found) & {"BaseModel", "SQLModel"}
        ]
        if len(bodies) == 1:
            return bodies[0]
    where = f"in {creating}" if creating else "for the list of todos"
    raise project.refuse(
        f"The schema of a new todo was not found {where}.",
        "Add the field by hand to what the function that answers POST /todos accepts.",
    )


def response_schemas(project: Project, collection: Collection) -> list[Class]:
    """Return the schemas of one todo in the answers of create, get, list and update."""
    found: dict[Class, None] = {}
    for endpoint in collection.all:
        if endpoint.method != "delete":
            for item in answers(project, endpoint):
                found.update(dict.fromkeys(_todo_like(project, item, frozenset())))
    return list(found)


def _todo_like(project: Project, item: Class, seen: frozenset[Class]) -> list[Class]:
    """Return the class if it describes a todo, else those in its fields that do."""
    known = all_fields(project, item)
    if "title" in known or "completed" in known:
        return [item]
    inner = [
        deeper
        for small in fields(item).values()
        if isinstance(small, cst.AnnAssign)
        for deeper in classes_in(project, Found(item.path, small.annotation.annotation))
        if deeper not in seen
    ]
    return [found for deeper in inner for found in _todo_like(project, deeper, seen | {item})]
