"""The same API with SQLModel: one class is the table and the model."""

from lab import scenario as s
from lab.codemods import Patch

alter = s.Exercise(
    kind="alter",
    minutes=40,
    needs="sqlmodel",
    includes=("persist", "fix-3"),
    title="The API with SQLModel",
    teaches="With SQLModel one class is a table and a Pydantic model; the database stays the same.",
    task="Move your API to SQLModel: the class of the todos becomes one that is a table and a "
    "Pydantic model at once. For a client nothing changes: the addresses, the fields of a todo, "
    "the 404 and the 422, what is kept over a restart, and the sessions that are closed. Your old "
    "todos.db still fits.",
    hints=(
        "Look at which classes of yours describe the table, and which of them you can do without.",
        "Ask of each column: what does Pydantic know from the type, and what has Field() to say?",
        "Type `class Todo(SQLModel, table=True):` and `id: int | None = Field(default=None, "
        "primary_key=True)`; make the tables with `SQLModel.metadata.create_all(engine)`.",
    ),
    before=(s.Start(), s.post("Made before"), s.get(), s.ShowRows()),
    prediction=s.Prediction(
        "The models are rewritten, todos.db stays as it is. How many of its todos are listed?",
        of=lambda seen: "none" if not seen.listed() else len(seen.listed()) == seen.before.rows(),
        choices={
            True: "All: it is the same table, with the same columns",
            "none": "None: SQLModel makes a table of its own",
            False: "Some of them: those that pass its validation",
        },
        why="SQLModel speaks SQLAlchemy. A table class does not validate what it reads.",
    ),
    variants=(
        s.Variant(
            "The base class and the model are SQLModel's. The schemas stay: what clients may send "
            "is less than what is stored.",
            edits=(Patch("alter_5_sqlmodel.patch"),),
        ),
    ),
    after=(s.Start(), s.get(), s.post("Made with SQLModel"), s.ShowRows(), s.ShowDrift()),
)

scenario = s.Scenario("000, Lesson 1", (alter,), topic="schema")
