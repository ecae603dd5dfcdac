"""A new column, through all layers."""

from lab import scenario as s
from lab.codemods import Patch

alter = s.Exercise(
    kind="alter",
    databases=s.ALL,
    title="A priority for each todo",
    teaches="A column goes through all layers: model, table, create schema, response schema.",
    task="Give every todo a `priority`: a whole number, 0 unless the client sends one. It can be "
    "sent when a todo is made, it is kept in the table, and every answer shows it. What is no "
    "whole number gets a 422. Which whole numbers you take is up to you, and whether "
    "null is refused or means 0.",
    hints=(
        "Look for every place where `completed` is written: model, schemas, endpoints.",
        "Ask of each of these: would a todo with a priority of 5 still have it after this place?",
        "Type `priority: Mapped[int] = mapped_column(default=0)` into the model, `priority: int = "
        "0` into the create schema, `priority: int` into the response. Mind the old file.",
    ),
    before=(s.Start(), s.post("Made before"), s.get(), s.ShowRows()),
    prediction=s.Prediction(
        "This todo was made before there was a priority. Which one will GET /todos show for it?",
        of=lambda seen: next((t.get("priority") for t in seen.listed()), seen.status("GET /todos")),
        choices={
            None: "null, or none at all: nobody gave it one",
            0: "0",
            500: "None: the list fails, as the old table has no such column",
        },
        why="default=0 in the model is for new todos. Old rows get what the migration gives them.",
    ),
    variants=(
        s.Variant(
            "Model and schemas get the priority; the old table is migrated, so its rows stay.",
            edits=(Patch("alter_1_priority.patch", field="priority"),),
            steps=(s.MigrateDatabase(),),
        ),
    ),
    after=(s.Start(), s.get(), s.post("Urgent", priority=5), s.post("Whenever"), s.get()),
)

scenario = s.Scenario("004, Alter it 1", (alter,))
