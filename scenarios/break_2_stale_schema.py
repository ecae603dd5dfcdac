"""The model gets a column, and the old table does not."""

from lab import scenario as s
from lab.codemods import AddColumn, AddNewColumn

MINUTES = AddNewColumn((AddColumn("minutes", default=0),))

broken = s.Exercise(
    kind="break",
    title="A new column and an old database",
    teaches="create_all() makes tables that are missing; it never alters one that is there.",
    task="Give the model one more column, and keep the todos.db that you have. Start the server "
    "and use the API: what fails, and in which words?",
    hints=(
        "Look at the class Todo beside what `sqlite3 todos.db .schema` shows.",
        "Ask when the table was made, and which columns your model had at that time.",
        "Type a line such as `minutes: Mapped[int] = mapped_column(default=0)` into the model.",
    ),
    before=(s.Start(), s.post("Buy milk"), s.get(), s.ShowRows()),
    prediction=s.Prediction(
        "The model gets a column, the file stays. The server starts. What does GET /todos answer?",
        of=lambda seen: seen.status("GET /todos"),
        choices={
            200: "200: create_all() adds the column when the server starts",
            500: "500: the query asks for a column that the table does not have",
            422: "422: the old todos do not pass validation any more",
        },
        why="create_all() looks for tables that are missing. It does not change one that is there.",
    ),
    variants=(s.Variant("The model gets a column.", edits=(MINUTES,)),),
    after=(s.Start(), s.get(), s.post("Walk the dog"), s.ShowRows(), s.ShowDrift()),
    symptom=lambda seen: bool(seen.failed() and seen.drift()),
)

fixed = s.Exercise(
    kind="fix",
    databases=s.ALL,
    title="Bring the table up to date",
    teaches="A new file has every column; a migration adds the column and keeps the rows.",
    task="Make table and model agree again. There is a quick way, which costs you the todos, and "
    "a careful one, which keeps them: try both.",
    hints=(
        "Look at which file the old table is in, and at what makes the tables.",
        "Ask what you can lose: is there a row that you need?",
        "Type `rm todos.db`, or keep the rows: `ALTER TABLE todos ADD COLUMN ...` in sqlite3.",
    ),
    before=(s.Start(), s.get(), s.ShowRows(), s.ShowDrift(), s.Stop()),
    needed=lambda seen: bool(seen.drift()),
    prediction=s.Prediction(
        "How many of the todos in the old file are there afterwards?",
        of=lambda seen: "none" if seen.rows() == 0 else seen.rows() == seen.before.rows(),
        choices={"none": "None of them", True: "All of them", False: "Some of them"},
        why="A new file starts empty. ALTER TABLE leaves the rows where they are.",
    ),
    variants=(
        s.Variant(
            "The old file goes, and its todos with it.", steps=(s.DeleteDatabase(), s.Start())
        ),
        s.Variant(
            "The table gets the column; its rows stay.",
            name="migrate",
            steps=(s.MigrateDatabase(), s.Start()),
        ),
    ),
    after=(s.get(), s.ShowRows(), s.post("Walk the dog")),
)

scenario = s.Scenario("004, Break it 2 and Fix it 2", (broken, fixed))
