"""Writes are flushed and never committed."""

from lab import scenario as s
from lab.codemods import FlushOnly

CHANGE = s.Request("PUT", "/todos/{id}", {"title": "Buy oat milk", "completed": False})
DELETE = s.Request("DELETE", "/todos/{id}")
WRITES = (s.post("Buy milk"), CHANGE, s.post("Walk the dog"), DELETE, s.get())

broken = s.Exercise(
    kind="break",
    title="Flushed and not committed",
    teaches="flush() sends the SQL, and it can still be taken back; commit() makes it last.",
    task="Put a flush() in the place of every commit(). Create a todo, then list the todos.",
    hints=(
        "Look at the id in the answer to your POST: where does it come from?",
        "Ask what a database does with a transaction that nobody ended.",
        "Type `db.flush()` where your endpoints have `db.commit()`.",
    ),
    before=(s.Start(), s.post("Buy milk"), CHANGE, s.get()),
    prediction=s.Prediction(
        "Nothing is committed any more, only flushed. A client creates a todo. What does it see?",
        of=lambda seen: (len(seen.made()), seen.kept()),
        choices={
            (0, 0): "POST answers with an error",
            (1, 1): "POST answers with the new todo, and the list has it",
            (1, 0): "POST answers with the new todo, and the list does not have it",
        },
        why="The INSERT has run, so there is an id. Closing the session takes it all back.",
    ),
    variants=(s.Variant("Every commit() becomes a flush().", edits=(FlushOnly(),)),),
    after=(s.Start(), s.post("Walk the dog"), s.get(), s.ShowRows()),
    symptom=lambda seen: seen.kept() < len(seen.made()),
)

fixed = s.Exercise(
    kind="fix",
    title="Every write is committed",
    teaches="A 2xx is a promise: what it answers for is in the file, whatever comes next.",
    task="Commit every write: a todo that is created, one that is changed, one that is deleted.",
    hints=(
        "Look at what each endpoint that writes does last, before it returns.",
        "Ask which of these calls cannot be taken back.",
        "Type `db.commit()` as the last step of each write, above any `db.refresh(...)`.",
    ),
    before=(s.Start(), *WRITES),
    needed=lambda seen: seen.left() != ("Buy oat milk",),
    prediction=s.Prediction(
        "One todo is made and changed, another made and deleted. SIGKILL, a start: what is left?",
        of=lambda seen: seen.left(),
        choices={(): "Neither", ("Buy milk", "Walk the dog"): "Both", ("Buy oat milk",): "One"},
        why="What was committed is in the file. No process has to remember it.",
    ),
    variants=(s.Variant("What writes also commits.", undoes=(FlushOnly(),)),),
    after=(s.Start(), *WRITES, s.Stop(kill=True), s.Start(), s.get(), s.ShowRows()),
)

scenario = s.Scenario(
    "001, Common mistakes: forgetting to commit", (broken, fixed), topic="durability"
)
