"""Where each field of a todo is: model, table, schemas, OpenAPI, JSON; all of it measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.verify.drift import DriftMap, Layer, concerns_column, fields_of, measure
from lab.workspace import creation
from lab.workspace.workspace import Workspace
from tests.support.terminal import COLUMN, add_priority, write


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return creation.create(tmp_path / "my-todos")


def says(found: DriftMap, field: str) -> list[str]:
    return [layer.says(field) for layer in found.layers]


def test_the_drift_map_is_about_exercises_with_a_column() -> None:
    about = [
        id
        for id in ("alter-1", "alter-2", "break-2", "fix-2", "fix-3", "explain-3")
        if concerns_column(id)
    ]
    assert about == ["alter-1", "break-2", "fix-2"]


def test_what_a_task_asks_for_has_a_line_although_it_is_nowhere() -> None:
    assert fields_of(["alter-1", "fix-3", "explain-1"]) == ("priority",)
    layers = (Layer("model", ("id",)), Layer("table", ()))
    found = DriftMap(layers, ("priority", "id"))
    assert found.fields == ("id", "priority")
    assert says(found, "priority") == ["no", "no"]


def test_the_drift_map_tells_for_each_field_which_layers_have_it(
    made: Workspace, launcher: Launcher
) -> None:
    found = measure(made, launcher)
    assert found
    assert [layer.name for layer in found.layers] == [
        "model", "table", "create schema", "response schema", "OpenAPI", "JSON",
    ]  # fmt: skip
    assert found.fields == ("id", "title", "completed", "created_at")
    assert says(found, "title") == ["yes"] * 6
    assert says(found, "id") == ["yes", "yes", "no", "yes", "yes", "yes"]
    assert found.lacking == ()
    write(made, "models.py", "    # A function,", COLUMN)
    write(made, "schemas.py", "\n\nclass TodoUpdate", "    due: int = 0\n")
    found = measure(made, launcher)
    assert found
    assert says(found, "priority") == ["yes", "yes", "no", "no", "no", "unknown"]
    assert says(found, "due") == ["no", "no", "yes", "no", "yes", "unknown"]


def test_an_old_table_shows_in_the_drift_map_and_an_app_that_is_down_has_none(
    made: Workspace, launcher: Launcher
) -> None:
    with Server(made.folder, launcher, made.app) as server:
        server.start()
        server.post("/todos", {"title": "made before"})
        server.stop()
    add_priority(made)
    found = measure(made, launcher)
    assert found
    assert found.lacking == ("priority",)
    assert says(found, "priority") == ["yes", "no", "yes", "yes", "yes", "unknown"]
    write(made, "models.py", "class Todo", "1 / 0\n")
    assert measure(made, launcher) is None


def test_what_the_create_schema_takes_is_tried_and_not_read_from_the_document(
    made: Workspace, launcher: Launcher
) -> None:
    main = made.folder / "todos_app" / "main.py"
    text = main.read_text("utf-8")
    hidden = text.replace('FastAPI(title="Todos"', 'FastAPI(title="Todos", openapi_url=None')
    assert hidden != text
    main.write_text(hidden, "utf-8")
    found = measure(made, launcher)
    assert found
    assert says(found, "title") == ["yes", "yes", "yes", "unknown", "unknown", "yes"]
    assert says(found, "id") == ["yes", "yes", "no", "unknown", "unknown", "yes"]
