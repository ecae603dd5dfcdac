"""The session is closed after the request, unless the request fails."""

from lab import scenario as s
from lab.codemods import UnguardSession

COUNTED = s.Start(collect=False, pool_timeout=2)
TEN = s.CountConnections(10, s.get())
MISSING = s.CountConnections(10, s.get("/todos/9000000"))
CROWD = s.RequestAtOnce(30, s.get("/todos/9000000"))

broken = s.Exercise(
    kind="break",
    title="A session that is closed only when all goes well",
    teaches="An error in the endpoint comes out of `yield`. Lines below it never run.",
    task="Close the session right below the yield, without try and finally. Ask for missing todos.",
    hints=(
        "Look at the line that closes the session, and at the one above it.",
        "Ask where an HTTPException goes on its way from the endpoint to the client.",
        "Type `yield db` and `db.close()`, one below the other, without a try.",
    ),
    before=(COUNTED, s.post("Buy milk"), s.get(), TEN, MISSING),
    prediction=s.Prediction(
        "10 requests that work, then 10 for a missing todo. How many connections are out then?",
        of=lambda seen: seen.out(),
        choices={0: "0: all are closed", 10: "10: one for each 404", 20: "20: one for each"},
        why="A 404 is an exception, too: it leaves get_db at the yield.",
    ),
    variants=(
        s.Variant(
            "The session is closed below the yield, not in a finally.", edits=(UnguardSession(),)
        ),
    ),
    after=(COUNTED, TEN, MISSING, CROWD, s.get()),
    symptom=lambda seen: seen.out() > 0,
)

fixed = s.Exercise(
    kind="fix",
    title="Closed whatever happens",
    teaches="`finally` runs on every way out of a block: the end, a return, an exception.",
    task="Close the session whatever becomes of the request.",
    hints=(
        "Look at what stands between the yield and the close().",
        "Ask which lines Python still runs in a function that an exception leaves.",
        "Type `try:` above the yield and `finally:` above db.close(), or use `with`.",
    ),
    before=(COUNTED, MISSING),
    needed=lambda seen: seen.out() > 0,
    variants=(s.Variant("close() stands in a finally.", undoes=(UnguardSession(),)),),
    includes=("fix-3",),
    prediction=s.Prediction(
        "10 requests for a missing todo, then 30 at once: how many are out after the 10?",
        of=lambda seen: seen.out(),
        choices={10: "10, as before", 1: "1: the last one", 0: "0: none"},
        why="The exception passes through the finally on its way out.",
    ),
    after=(COUNTED, TEN, MISSING, CROWD, s.get()),
)

scenario = s.Scenario(
    "002, Common mistakes: not closing the session", (broken, fixed), topic="sessions"
)
