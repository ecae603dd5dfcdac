"""The todos are kept in memory: in a list, or in a database that has no file."""

from lab import scenario as s
from lab.codemods import PlaceDatabase

OLD = s.Say("The old file is still there, and nobody reads it:")
broken = s.Exercise(
    kind="break",
    title="A database in memory",
    teaches="What is in the memory of a process ends with the process, a database as well.",
    task="Give create_engine() the URL `sqlite://` without a file, `poolclass=StaticPool` and "
    '`connect_args={"check_same_thread": False}`. Make todos, restart, and list them.',
    hints=(
        "Look at the folder while the server runs: which file changes when you POST?",
        "Ask where a database is that has no file, and who else could read it.",
        'Type `create_engine("sqlite://", poolclass=StaticPool, connect_args=...)`.',
    ),
    before=(s.Start(), s.post("Buy milk"), s.Start(), s.get(), s.ShowFiles()),
    prediction=s.Prediction(
        "The database moves into memory. A todo is made, and the server restarts. What is listed?",
        of=lambda seen: "none" if not seen.listed() else seen.kept() == len(seen.made()),
        choices={True: "The new todo", False: "The old todos, from the file", "none": "Nothing"},
        why="commit() reaches the database. One in memory has no other place to keep it.",
    ),
    variants=(
        s.Variant(
            "The database moves from its file into memory.", edits=(PlaceDatabase("memory"),)
        ),
    ),
    after=(s.Start(), s.post("Walk the dog"), s.get(), s.Start(), s.get(), OLD, s.ShowFiles()),
    symptom=lambda seen: seen.kept() < len(seen.made()),
)

fixed = s.Exercise(
    kind="fix",
    title="Todos in a file again",
    teaches="What should outlive the server has to be in a file when 201 is answered.",
    task="Let the todos outlive a restart, and a `kill -9`.",
    hints=(
        "Look for the place where a todo is kept between two requests.",
        "Ask of that place: is it there before the server starts, and after it has ended?",
        'Type `create_engine("sqlite:///./todos.db")`, and let create_all() make the tables.',
    ),
    before=(s.Start(), s.post("Before the restart"), s.Start(), s.get(), s.ShowFiles()),
    needed=lambda seen: seen.kept() < len(seen.made()),
    prediction=s.Prediction(
        "One todo, then `kill -9`, and the server starts again. What does GET /todos list?",
        of=lambda seen: "none" if not seen.listed() else seen.kept() == len(seen.made()),
        choices={
            "none": "Nothing: nobody could save in time",
            True: "The new todo among them",
            False: "Only todos from before",
        },
        why="In a file, a todo is safe as soon as its commit is: nothing is left to save.",
    ),
    variants=(s.Variant("The database gets a file.", undoes=(PlaceDatabase("memory"),)),),
    after=(s.Start(), s.post("In a file"), s.Stop(kill=True), s.ShowFiles(), s.Start(), s.get()),
)

scenario = s.Scenario("000, 001 and 004: todos in a list", (broken, fixed), topic="durability")
