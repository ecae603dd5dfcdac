"""A GET that writes: whoever looks changes the data, and waits for the lock as a writer does."""

from lab import scenario as s
from lab.codemods import Patch
from lab.scenario.observations import Seen

LOOKED_AT = (
    s.Start(),
    s.post("Buy milk", completed=True),
    s.get(),
    s.get("/todos/{id}"),
    s.post("Water the plants", completed=True),
    s.RequestBetween(s.post("Walk the dog"), s.get(), locked=True),
)
PATCH = (Patch("break_23_writing_get.patch"),)
CHOICES = {
    (True, False): "It is still there, and the client has its list at once",
    (False, False): "It is gone, and the client has its list at once",
    (False, True): "It is gone, and the client has to wait for the lock",
}


def after_a_look(seen: Seen) -> tuple[bool, bool]:
    """Whether the todo is there once somebody has looked, and whether who looks has to wait."""
    looks = [look for look in seen.exchanges() if look.method == "GET" and look.path != "/todos"]
    return any(look.ok for look in looks), seen.waited()


broken = s.Exercise(
    kind="break",
    title="A GET that writes",
    teaches="A GET that writes changes data for whoever looks, and waits for the lock to do so.",
    task="Let GET /todos delete the todos that are done, before it lists the others. Make one that "
    "is done, and look at the list. Then make another one, let another program hold the lock of "
    "the database, and look again.",
    hints=(
        "Look at who sends a GET without being asked: a crawler, a monitor, a preview of a link.",
        "Ask what it needs of the database to delete a row, and what to read one.",
        "Type `db.execute(delete(Todo).where(Todo.completed))` and `db.commit()` above the query.",
    ),
    before=LOOKED_AT,
    prediction=s.Prediction(
        "GET /todos deletes what is done, then lists the rest. A todo is done, and a monitor asks "
        "for the list. Later, while another program has locked the database, a client does. What "
        "becomes of the todo, and of the client?",
        of=after_a_look,
        choices=CHOICES,
        why="A GET that deletes is a writer, and waits in line with the others. And no client "
        "expects that a look changes something.",
    ),
    variants=(s.Variant("GET /todos deletes what is done before it lists.", edits=PATCH),),
    after=LOOKED_AT,
    symptom=lambda seen: after_a_look(seen) == (False, True),
)

fixed = s.Exercise(
    kind="fix",
    title="A GET only reads",
    teaches="A GET can be repeated, and answered whoever writes meanwhile: it changes nothing.",
    task="Let a GET only read. However often somebody asks for the list or for one todo, no todo "
    "changes. While another program holds the write lock, both are answered.",
    hints=(
        "Look at `lab trace GET /todos`: which of its statements is no SELECT?",
        "Ask who wants that to happen, and which request that client could send in place of a GET.",
        "Type the SELECT alone. What is done can be left out by a `where`, or deleted by a DELETE.",
    ),
    before=LOOKED_AT,
    needed=lambda seen: after_a_look(seen) == (False, True),
    prediction=s.Prediction(
        "GET /todos only lists again. A todo is done, and a monitor asks for the list. Later, "
        "while another program has locked the database, a client does. What becomes of the todo, "
        "and of the client?",
        of=after_a_look,
        choices=CHOICES,
        why="The lock that a program holds before its commit keeps writers out, and no readers.",
    ),
    variants=(s.Variant("GET /todos only lists.", undoes=PATCH),),
    after=LOOKED_AT,
    mended=lambda seen: after_a_look(seen) == (True, False),
)

scenario = s.Scenario("003, READ Operation", (broken, fixed), topic="concurrency")
