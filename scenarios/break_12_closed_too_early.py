"""After commit() an object is expired, and reads itself anew as long as its session is open."""

from lab import scenario as s
from lab.codemods import CloseEarly

AGAIN = s.Say("The client was told 500, so it tries once more:")
broken = s.Exercise(
    kind="break",
    title="Saved, and 500 all the same",
    teaches="commit() expires objects; each reads itself anew, for which it needs its session.",
    task="In the endpoint that makes a todo, close the session after commit(), in place of the "
    "refresh(). Make a todo. What is answered, and what is in the table?",
    hints=(
        "Look at the table after the answer: is the todo there or not?",
        "Ask what an object still knows after commit(), and whom it asks for the rest.",
        "Type `db.close()` where `db.refresh(todo)` is.",
    ),
    before=(s.Start(), s.post("Buy milk"), s.get(), s.ShowRows()),
    prediction=s.Prediction(
        "The todo is committed, then the session is closed, then the todo is answered. And then?",
        of=lambda seen: (seen.status("POST /todos"), seen.rows() > seen.before.rows()),
        choices={
            (201, True): "201, and the todo is in the table",
            (500, False): "500, and nothing is in the table",
            (500, True): "500, and the todo is in the table",
        },
        why="commit() is what saves. What fails later, such as making the answer, undoes nothing.",
    ),
    variants=(
        s.Variant("The session is closed before the answer is made.", edits=(CloseEarly(),)),
    ),
    after=(s.Start(), s.post("Walk the dog"), AGAIN, s.post("Walk the dog"), s.get(), s.ShowRows()),
    symptom=lambda seen: seen.status("POST /todos") >= 500 and seen.rows() > seen.before.rows(),
)

fixed = s.Exercise(
    kind="fix",
    title="The session stays open for the answer",
    teaches="Let get_db close the session: after the answer was made from the object.",
    task="Let POST /todos answer 2xx with the todo, its id included, and save it once.",
    hints=(
        "Look at what the endpoint does between commit() and return.",
        "Ask who else closes the session, and when.",
        "Type `db.refresh(todo)` in the place of `db.close()`, or nothing at all.",
    ),
    before=(s.Start(), s.post("Buy bread")),
    needed=lambda seen: seen.status("POST /todos") >= 500,
    prediction=s.Prediction(
        "POST is mended. And the todo whose POST was answered with 500?",
        of=lambda seen: any(todo.get("title") == "Buy bread" for todo in seen.listed()),
        choices={True: "It is in the list", False: "It is gone", None: "The list fails"},
        why="It was committed. The 500 was wrong about it, and a second try makes a second todo.",
    ),
    variants=(
        s.Variant("The todo is read back, and the session stays open.", undoes=(CloseEarly(),)),
    ),
    after=(s.Start(), s.post("Water the plants"), s.get()),
)

scenario = s.Scenario(
    "001, Key changes, and 003, What Happens Here", (broken, fixed), topic="sessions"
)
