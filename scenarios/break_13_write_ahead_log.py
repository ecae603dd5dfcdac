"""A write-ahead log, and the file is deleted: acknowledged, and lost without a word."""

from lab import scenario as s
from lab.codemods import SetPragma

RESTART = s.Say("Nothing has failed so far. Now the server is restarted:")
TOO_LATE = (s.post("Too late"), s.get(), s.ShowFiles(), RESTART, s.Start(), s.get())

broken = s.Exercise(
    kind="break",
    title="Acknowledged and silently lost",
    teaches="With a write-ahead log SQLite does not notice that its file is gone.",
    task="Turn on `PRAGMA journal_mode=WAL` for each connection. Then delete the database under "
    "the running server, as in break-1, and create a todo. Restart, and list.",
    hints=(
        "Look at the folder while the server runs: what lies beside todos.db?",
        "Ask where a write goes first, and what SQLite would have to look at to see the loss.",
        'Type `cursor.execute("PRAGMA journal_mode=WAL")` in a listener for "connect".',
    ),
    before=(s.Start(), s.post("Buy milk"), s.get(), s.ShowFiles()),
    prediction=s.Prediction(
        "With a write-ahead log, the database is deleted under the server. What becomes of a POST?",
        of=lambda seen: (seen.status("POST /todos"), seen.kept() == len(seen.made())),
        choices={
            (500, False): "500, as in break-1: the file is gone",
            (201, True): "201, and the todo is there after a restart: the log has kept it",
            (201, False): "201, and the todo is gone after a restart",
        },
        why="The log is open, and who has a deleted file open may go on writing to it.",
    ),
    variants=(
        s.Variant(
            "Each connection turns on the write-ahead log.",
            edits=(SetPragma("journal_mode", "WAL"),),
        ),
    ),
    after=(s.Start(), s.post("Walk the dog"), s.ShowFiles(), s.DeleteDatabase(), *TOO_LATE),
    symptom=lambda seen: seen.status("POST /todos") < 300 and seen.kept() < len(seen.made()),
)

fixed = s.Exercise(
    kind="fix",
    title="A loss that is told",
    teaches="A write that cannot last should fail; the rollback journal makes it fail.",
    task="Let no POST answer 2xx and be lost when the database was deleted under the server.",
    hints=(
        "Look at `PRAGMA journal_mode;` of your file: the mode is kept in the file itself.",
        "Ask which journal made break-1 fail loudly, and why that was better.",
        "Type `PRAGMA journal_mode=DELETE` where the listener has WAL: removing it is not enough.",
    ),
    before=(s.Start(), s.get(), s.ShowFiles()),
    needed=lambda seen: any(name.endswith("-wal") for name in seen.files()),
    prediction=s.Prediction(
        "The journal is the old one again. The file is deleted, and a todo is sent. What happens?",
        of=lambda seen: seen.status("POST /todos"),
        choices={201: "201, into the old file", 404: "404: no database", 500: "500: it cannot be"},
        why="Before it writes, SQLite makes its journal, and looks whether the file is in place.",
    ),
    variants=(
        s.Variant(
            "The rollback journal, also for a file that has WAL.",
            edits=(SetPragma("journal_mode", "DELETE"),),
        ),
    ),
    after=(s.Start(), s.get(), s.ShowFiles(), s.DeleteDatabase(), s.post("Too late"), s.Start()),
    mended=lambda seen: seen.status("POST /todos") >= 500,
)

scenario = s.Scenario(
    "004, Break it 1, with a write-ahead log", (broken, fixed), topic="durability"
)
