"""The schemas: what clients send, and what they get back."""

from __future__ import annotations

from typing import TypeAlias

from lab.codemods.endpoints import Collection, answers, classes_in
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Found, Project
from lab.codemods.tables import all_fields, fields
from lab.codemods.tree import parameters

Class: TypeAlias = "Found[cst.ClassDef]"


def create_schema(project: Project, collection: Collection) -> Class:
    """Return the schema of what clients send for a new todo. Raises EditNotApplicable."""
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
