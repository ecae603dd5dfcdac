"""Where each field of a todo is, from the model to the answer. All of it is measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lab.answers import many_in, one_in, refused_fields
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.appserver.staged import staged
from lab.appserver.tables import rows_of
from lab.codemods import AddColumn, AddNewColumn, Patch
from lab.course import catalogue
from lab.model import AppFailed
from lab.scenario import Exercise, MigrateDatabase
from lab.workspace.databases import table_of_todos
from lab.workspace.resource import TODOS
from lab.workspace.workspace import Workspace

NO_VALUE = {"lab": "no value of any column"}
OF_COLUMNS = AddColumn | AddNewColumn | MigrateDatabase


@dataclass(frozen=True)
class Layer:
    """One layer, and the fields that are in it; None where it could not be looked at."""

    name: str
    fields: tuple[str, ...] | None

    def says(self, field: str) -> str:
        """Whether the field is in it, in a word."""
        if self.fields is None:
            return "unknown"
        return "yes" if field in self.fields else "no"


@dataclass(frozen=True)
class DriftMap:
    """The layers that a field of a todo goes through, in the order of a POST."""

    layers: tuple[Layer, ...]
    wanted: tuple[str, ...] = ()  # what a task asks for, whether it is anywhere or not

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that is in any of the layers, the model's first."""
        found = [name for layer in self.layers for name in layer.fields or ()]
        return tuple(dict.fromkeys([*found, *self.wanted]))

    @property
    def lacking(self) -> tuple[str, ...]:
        """What the model has and the table lacks, where both could be looked at."""
        model, table = self.layers[0].fields, self.layers[1].fields
        return tuple(name for name in model or () if table is not None and name not in table)


def concerns_column(id: str) -> bool:
    """Whether an exercise is about a column."""
    entry = catalogue.exercise(id)
    if not isinstance(entry, Exercise):
        return False
    changes = [each for variant in entry.variants for each in (*variant.edits, *variant.steps)]
    return bool(fields_of([id])) or any(isinstance(change, OF_COLUMNS) for change in changes)


def fields_of(ids: Iterable[str]) -> tuple[str, ...]:
    """Return the fields that these exercises ask for by name."""
    entries = [entry for id in ids if isinstance(entry := catalogue.exercise(id), Exercise)]
    edits = [edit for entry in entries for variant in entry.variants for edit in variant.edits]
    names = [edit.field for edit in edits if isinstance(edit, Patch)]
    return tuple(dict.fromkeys(filter(None, names)))


def measure(
    workspace: Workspace, launcher: Launcher, wanted: tuple[str, ...] = ()
) -> DriftMap | None:
    """Look at a copy of the workspace, on its own database; None where the app does not run."""
    with staged(workspace, launcher, seconds=10.0) as server:
        try:
            server.start()
            return replace(_look(server), wanted=wanted)
        except AppFailed:
            return None


def _look(server: Server) -> DriftMap:
    document = server.document()
    post = document.post(TODOS)
    taken, given = document.request_fields(post), document.response_fields(post)
    made = one_in(server.post("/todos", {"title": "Where is each field?"}).json)
    listed = many_in(server.get("/todos").json) or []
    answered = made or next(iter(listed), None)
    rows = rows_of(server)
    # The models are known for certain once a request has been answered.
    model = _todo_model(server.models())
    names = [*(model or ()), *(rows.columns if rows else ()), *(taken or ()), *(given or ())]
    refused = server.post("/todos", dict.fromkeys(names, NO_VALUE))
    documented = None if taken is None and given is None else (*(taken or ()), *(given or ()))
    return DriftMap(
        (
            Layer("model", model),
            Layer("table", rows.columns if rows else None),
            # A 422 complains of the fields that the create schema knows.
            Layer("create schema", tuple(refused_fields(refused.json)) or None),
            Layer("response schema", given),
            Layer("OpenAPI", documented),
            Layer("JSON", tuple(answered) if answered else None),
        )
    )


def _todo_model(models: Iterable[Mapping[str, Any]]) -> tuple[str, ...] | None:
    found = {model["table"]: tuple(c["name"] for c in model["columns"]) for model in models}
    table = table_of_todos(found)
    return found[table] if table else None
