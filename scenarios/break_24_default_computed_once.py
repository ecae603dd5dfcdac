"""A default that is a moment, and not a function: it was computed when the model was imported."""

from lab import scenario as s
from lab.codemods import Patch
from lab.scenario.observations import Seen

PATCH = (Patch("break_24_default_computed_once.patch"),)
THREE_TODOS = (
    s.Start(),
    s.post("Buy milk"),
    s.post("Walk the dog"),
    s.Say("The server is restarted, and one more todo is made:"),
    s.Start(),
    s.post("Read a book"),
    s.get(),
)
CHOICES = {
    3: "Three: each todo was made at a moment of its own",
    2: "Two: one before the restart, and one after it",
    1: "One, for all of them",
}


def moments(seen: Seen) -> int:
    """Return how many different moments the last list has for the todos that were made.

    Whole seconds do not count: several todos may be made within one.
    """
    ids = [todo.get("id") for todo in seen.made()]
    said = {str(todo.get("created_at")) for todo in seen.listed() if todo.get("id") in ids}
    return len([moment for moment in said if "." in moment])


broken = s.Exercise(
    kind="break",
    title="A default that was computed once",
    teaches="An argument is computed when the line is run: that of a model, at the import.",
    task="Somebody thinks that the lambda in the model is not needed: write "
    "`default=datetime.now(UTC)` for created_at. Create two todos, restart the server, and create "
    "one more. When were they made, as the list has it?",
    hints=(
        "Look at the value: `print(Todo.__table__.c.created_at.default)`, with the lambda and "
        "without it.",
        "Ask when Python runs that line of the class, and how often.",
        "Type `default=datetime.now(UTC)` in the place of `default=lambda: datetime.now(UTC)`.",
    ),
    before=(s.Start(), s.post("Buy milk"), s.post("Walk the dog"), s.get()),
    prediction=s.Prediction(
        "With `default=datetime.now(UTC)`, two todos are made before a restart of the server, and "
        "one after it. How many different moments does created_at have?",
        of=moments,
        choices=CHOICES,
        why="Python computes the argument when it runs the line: once, as the module is imported. "
        "A function is called anew for each row.",
    ),
    variants=(s.Variant("The default is a moment, and no function any more.", edits=PATCH),),
    after=THREE_TODOS,
    symptom=lambda seen: moments(seen) == 2,
)

fixed = s.Exercise(
    kind="fix",
    title="Each todo has its own moment",
    teaches="What has to be new for each row is a function, or is left to the database.",
    task="Let created_at say when each todo was made: a moment between its POST and the answer. Of "
    "two todos the later one has the later moment. It stays what it was, also after a restart. "
    "That holds in your own todos.db as well, or in the one that you start anew. A time without an "
    "offset may be UTC, or the local time; whole seconds are enough.",
    hints=(
        "Look at the line of created_at: what is it that the model is given, and when?",
        "Ask who could be asked for the time when a row is written: Python, or the database.",
        "Type `default=lambda: datetime.now(UTC)`. Or leave it to the database: "
        "`server_default=func.now()`, in a new table.",
    ),
    before=THREE_TODOS,
    needed=lambda seen: moments(seen) == 2,
    prediction=s.Prediction(
        "The default is a function again. Two todos are made before a restart, and one after it. "
        "How many different moments does created_at have?",
        of=moments,
        choices=CHOICES,
        why="SQLAlchemy calls the function for each row that it inserts.",
    ),
    variants=(s.Variant("The default is a function again.", undoes=PATCH),),
    after=THREE_TODOS,
    mended=lambda seen: moments(seen) == 3,
)

scenario = s.Scenario("004, Run", (broken, fixed), topic="schema")
