"""The database file is deleted while the server runs."""

from lab import scenario as s

GHOSTS = s.Say(lambda seen: f"The file is gone. The list has {len(seen.listed())} todos.")
RESTART = s.Say("And after a restart, which your workspace has not had yet:")

broken = s.Exercise(
    kind="break",
    title="The database file is deleted",
    teaches="A connection holds the file itself, not its name.",
    task="Let the server run, and take its todos.db away. Then make a todo: what is answered, and "
    "where does the todo go?",
    hints=(
        "Look at the folder: is there a new todos.db after your POST?",
        "Ask when the server opened the file, and how often it opens it.",
        "Type `rm todos.db` in a second terminal while the server runs, then POST a todo.",
    ),
    before=(s.Start(), s.post("Buy milk"), s.post("Walk the dog"), s.get(), s.ShowRows()),
    prediction=s.Prediction(
        "The server runs on, and its file is gone. What does POST /todos answer?",
        of=lambda seen: seen.status("POST /todos"),
        choices={
            201: "201: the todo is made, in a new file or in the old one",
            404: "404: there are no todos any more",
            500: "500: the todo cannot be written",
        },
        why="SQLite opens a file once for each connection, and the pool keeps connections open.",
    ),
    variants=(
        s.Variant(
            "Somebody deletes the file. The server does not stop.", steps=(s.DeleteDatabase(),)
        ),
    ),
    after=(s.get(), GHOSTS, s.post("Too late"), s.ShowRows(), RESTART, s.Start(), s.get()),
    symptom=lambda seen: seen.status("POST /todos") >= 500 or seen.kept() < len(seen.made()),
)

fixed = s.Exercise(
    kind="fix",
    title="Start again after the file is gone",
    teaches="create_all() makes file and tables at the start. The rows are not its business.",
    task="The file is gone, and the server cannot write. Get it going again without changing a "
    "line of code. What comes back, and what does not?",
    hints=(
        "Look for the line that makes the tables, and at when it runs.",
        "Ask what of your data that line can know.",
        "Stop the server with Ctrl+C and start it again.",
    ),
    before=(s.ShowRows(),),
    needed=lambda seen: not seen.table(),
    prediction=s.Prediction(
        "The server starts again, in a folder without a todos.db. What does GET /todos answer?",
        of=lambda seen: (seen.status("GET /todos"), seen.kept() < len(seen.listed())),
        choices={
            (200, True): "200, with the old todos: the server remembers them",
            (500, False): "500: there is no table",
            (200, False): "200, and none of the old todos",
        },
        why="Tables are described in the code, so they can be made again. Rows are not.",
    ),
    variants=(
        s.Variant("The server starts, and the app makes what is missing.", steps=(s.Start(),)),
    ),
    after=(s.get(), s.post("Buy milk"), s.get(), s.ShowRows()),
)

scenario = s.Scenario("004, Break it 1 and Fix it 1", (broken, fixed))
