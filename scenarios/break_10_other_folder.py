"""The database is wherever the server was started from."""

from lab import scenario as s
from lab.codemods import PlaceDatabase

AWAY, HOME = s.ChangeFolder("elsewhere"), s.ChangeFolder("")
HOW = s.Say("From there it is `uvicorn --app-dir .. NAME:app`: the same app, another folder.")

broken = s.Exercise(
    kind="break",
    title="Started from another folder",
    teaches="`./todos.db` is in the folder that the server is started from, whichever that is.",
    task="Make a todo. Stop the server, change to another folder, start the same app from there "
    "(`uvicorn --app-dir .. NAME:app`) and list the todos. Then look for files named todos.db.",
    hints=(
        "Look at the URL of the engine: which part of it says in which folder the file is?",
        "Ask what `.` means to a program, and who decides it.",
        "Type `find . -name todos.db` after both starts.",
    ),
    before=(s.Start(), s.post("Made at home"), s.get(), s.ShowFiles()),
    prediction=s.Prediction(
        "The same app, the same code, started from another folder. What does GET /todos answer?",
        of=lambda seen: (seen.status("GET /todos"), len(seen.listed()) > 0),
        choices={
            (500, False): "500: the database is not found",
            (200, True): "200, and the todos from before",
            (200, False): "200, and none of the todos",
        },
        why="SQLite makes a database that is not there. Nobody says that it is the wrong one.",
    ),
    variants=(
        s.Variant(
            "The next start is made elsewhere.",
            edits=(PlaceDatabase("current folder"),),
            steps=(AWAY,),
        ),
    ),
    after=(HOW, s.Start(), s.get(), s.post("Made elsewhere"), s.ShowFiles(), HOME),
    symptom=lambda seen: bool(seen.made()) and len(seen.files()) > 1,
)

fixed = s.Exercise(
    kind="fix",
    title="One database, wherever it is started",
    teaches="A path that starts at __file__ is the same for every start.",
    task="Let the app use one and the same database, whatever folder it is started from. Nothing "
    "outside of your workspace: work the path out from where your code is.",
    hints=(
        "Look at what your code knows about its own place.",
        "Ask what stays the same when the same file is run from two folders.",
        'Type `Path(__file__).resolve().parent / "todos.db"` and build the URL from it.',
    ),
    before=(s.Start(), s.post("Made at home"), AWAY, s.Start(), s.get(), s.ShowFiles(), HOME),
    needed=lambda seen: seen.kept() < len(seen.made()),
    prediction=s.Prediction(
        "A todo is made from one folder and asked for from another. How many databases are there?",
        of=lambda seen: (len(seen.files()), seen.kept() == len(seen.made())),
        choices={(2, False): "Two, as before", (1, True): "One", (0, False): "None"},
        why="The code is in one place, so a path that starts there is one place as well.",
    ),
    variants=(
        s.Variant("The path starts where the code is.", edits=(PlaceDatabase("app's folder"),)),
    ),
    after=(s.Start(), s.post("At home"), AWAY, s.Start(), s.get(), s.ShowFiles(), HOME),
)

scenario = s.Scenario("000 to 003, sqlite:///./tasks.db", (broken, fixed), topic="operations")
