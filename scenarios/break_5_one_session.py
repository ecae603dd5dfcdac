"""One session is shared by all requests."""

from lab import scenario as s
from lab.codemods import ShareSession

REFUSED = s.refused(s.post("Walk the dog"))

broken = s.Exercise(
    kind="break",
    title="One session for all requests",
    teaches="A session whose flush failed does nothing more until somebody rolls it back.",
    task="Open one session at import, return it to every request, and let one write fail.",
    hints=(
        "Look at how often your code calls what makes a session.",
        "Ask what state a session is in after the database has refused its INSERT.",
        "Type `shared_session = SessionLocal()` above get_db, and `return shared_session` in it.",
    ),
    before=(s.Start(), s.post("Buy milk"), s.get()),
    prediction=s.Prediction(
        "One POST fails: the database refuses it. What does the GET after it answer?",
        of=lambda seen: seen.status("GET /todos"),
        choices={200: "200, with the todos", 404: "404: the todos went, too", 500: "500, as well"},
        why="The session waits for a rollback(), or for a restart, and everybody has the same one.",
    ),
    variants=(
        s.Variant("One session is made at the start, and given to all.", edits=(ShareSession(),)),
    ),
    after=(s.Start(), s.get(), REFUSED, s.get("/todos/1"), s.get()),
    symptom=lambda seen: seen.status("GET /todos") >= 500,
)

fixed = s.Exercise(
    kind="fix",
    title="A session for each request",
    teaches="A session is for one piece of work. What goes wrong in it ends with it.",
    task="Give each request a session of its own, so that a failure harms nobody else.",
    hints=(
        "Look for the line that makes the session: how often does it run?",
        "Ask which function runs once for each request.",
        "Type `db = SessionLocal()` inside get_db; yield it in `try`, close it in `finally`.",
    ),
    before=(s.Start(), s.get(), REFUSED, s.get()),
    needed=lambda seen: seen.status("GET /todos") >= 500,
    mended=lambda seen: seen.status("GET /todos") == 200,
    variants=(s.Variant("Each request opens a session, and closes it.", undoes=(ShareSession(),)),),
    prediction=s.Prediction(
        "The same POST is refused again. What do the POST and the GET after it answer?",
        of=lambda seen: (seen.status("POST /todos") < 500, seen.status("GET /todos") < 500),
        choices={
            (False, False): "Both fail",
            (False, True): "Only GET works",
            (True, True): "Both work",
        },
        why="The refused todo has no place in the table. That is all that went wrong.",
    ),
    after=(s.Start(), s.get(), REFUSED, s.get()),
)

scenario = s.Scenario("002, Common mistakes: one global session", (broken, fixed), topic="sessions")
