"""An update that leaves out each None: a value that was set once can never be taken away."""

from lab import scenario as s
from lab.codemods import Patch, Replace
from lab.scenario.observations import Seen

NOTE = "the blue one"
CHANGED = (
    s.Start(),
    s.post("Find the key", note=NOTE),
    s.Request("PUT", "/todos/{id}", {"note": None}),
    s.post("Paint the door", note=NOTE),
    s.Request("PUT", "/todos/{id}", {"completed": True}),
    s.get(),
)
CHOICES = {
    (None, NOTE): "null in the first todo; the second one has its note still",
    (NOTE, NOTE): "Both todos have their notes still",
    (None, None): "null in both of them",
}
UNSET = (Replace("todos_app/main.py", "exclude_none", "exclude_unset"),)


def notes(seen: Seen) -> tuple[object, ...]:
    """Return the notes of the todos that were made, as the last list has them."""
    ids = [todo.get("id") for todo in seen.made()]
    return tuple(todo.get("note") for todo in seen.listed() if todo.get("id") in ids)


broken = s.Exercise(
    kind="break",
    title="None is not unset",
    teaches="exclude_none takes a null for nothing: what was set once can never be taken away.",
    task="Give todos a `note`: a text or null, which POST and PUT take, and every answer shows. "
    "Let PUT store what `body.model_dump(exclude_none=True)` gives. Set a note, and take it away "
    'again: send `"note": null`. What does the todo have?',
    hints=(
        "Look at what `body.model_dump(exclude_none=True)` gives for this PUT: print it.",
        "Ask in which two ways a field of the body can come to be None.",
        "Type `note: Mapped[str | None]` into the model, `note: str | None` into the schemas.",
    ),
    before=(s.Start(), s.post("Buy milk"), s.get()),
    prediction=s.Prediction(
        'Two todos have a note. The first gets a PUT of `{"note": null}`, the second one of '
        '`{"completed": true}`. Which notes does the list show?',
        of=notes,
        choices=CHOICES,
        why="exclude_none leaves out each None: one that was sent, and one that is the default.",
    ),
    variants=(
        s.Variant(
            "Todos get a note. PUT leaves out each None, and the old table is migrated.",
            edits=(Patch("break_22_none_is_not_unset.patch", field="note"),),
            steps=(s.MigrateDatabase(),),
        ),
    ),
    after=CHANGED,
    symptom=lambda seen: notes(seen) == (NOTE, NOTE),
)

fixed = s.Exercise(
    kind="fix",
    title="Null is a value",
    teaches="exclude_unset asks what the client has sent; the schema says what may be null.",
    task='A PUT of `"note": null` takes the note away. A field that is not sent stays as it is, or '
    'its absence is refused. `false` and `""` are values, and stored as they were sent; you may '
    'refuse a `""`. A title or a completed of null is refused, or changes nothing. All of it is so '
    "after a restart, too. A PATCH instead of the PUT is judged the same way.",
    hints=(
        "Look at `body.model_fields_set`: print it for a PUT with a null, and for one without.",
        "Ask of each field of the schema: may a client send null for it, and what becomes of it?",
        "Type `exclude_unset=True`, and let the schema take None for the note alone.",
    ),
    before=CHANGED,
    needed=lambda seen: notes(seen) == (NOTE, NOTE),
    prediction=s.Prediction(
        "With exclude_unset, both PUTs are sent again. Which notes does the list show afterwards?",
        of=notes,
        choices=CHOICES,
        why="The schema's object knows what was sent, whatever its value: model_fields_set.",
    ),
    variants=(
        s.Variant("Stored is what was sent; the schema says what may be null.", edits=UNSET),
    ),
    after=CHANGED,
    mended=lambda seen: notes(seen) == (None, NOTE),
)

scenario = s.Scenario("003, UPDATE Operation", (broken, fixed), topic="answers")
