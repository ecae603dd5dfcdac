"""Sessions are handed out, and nobody closes them."""

from lab import scenario as s
from lab.codemods import ReturnSession

COUNTED = s.Start(collect=False, pool_timeout=2)
TEN, CROWD = s.CountConnections(10, s.get()), s.RequestAtOnce(30, s.get())

broken = s.Exercise(
    kind="break",
    title="Sessions that are never closed",
    teaches="A session keeps a connection until it is closed; the pool has no more than it has.",
    task="Let get_db `return` its session in place of yielding it. Send some requests: are they "
    "answered, are the todos kept, and how many connections are still out?",
    hints=(
        "Look at get_db: which line runs after a request is answered?",
        "Ask who could close a session that was returned.",
        "Type `return SessionLocal()` in place of everything from try to finally.",
    ),
    before=(COUNTED, s.post("Buy milk"), s.get(), TEN),
    prediction=s.Prediction(
        "10 requests, one after the other, all answered. How many connections are still out?",
        of=lambda seen: seen.out(),
        choices={
            0: "0: a session closes itself when its request is over",
            1: "1: the requests share one session",
            10: "10: one for each request",
        },
        why="Only close() gives a connection back at once. After a `return`, nobody calls it.",
    ),
    variants=(
        s.Variant(
            "The session is returned. Nothing runs after the answer.", edits=(ReturnSession(),)
        ),
    ),
    after=(COUNTED, TEN, s.post("Walk the dog"), s.ShowRows(), CROWD),
    symptom=lambda seen: seen.out() > 0,
)

fixed = s.Exercise(
    kind="fix",
    databases=s.ALL,
    title="Every session is closed",
    teaches="Code after `yield` runs after the request; in `finally` it runs whatever happens.",
    task="See to it that every session is closed once its request is over, also when the request "
    "has failed.",
    hints=(
        "Look at get_db: does a line of it run when the request is over?",
        "Ask what happens to the session when the endpoint raises an error.",
        "Type `try: yield db` and `finally: db.close()`, on four lines.",
    ),
    before=(COUNTED, TEN),
    needed=lambda seen: seen.out() > 0,
    variants=(
        s.Variant("The session is lent, and closed whatever happens.", undoes=(ReturnSession(),)),
    ),
    prediction=s.Prediction(
        "The same 10 requests, then 30 at once: how many connections are out after the 10?",
        of=lambda seen: seen.out(),
        choices={10: "10, as before", 1: "1: the last session is still open", 0: "0: none"},
        why="The code after `yield` runs when the request is over, and close() is there.",
    ),
    after=(COUNTED, TEN, CROWD),
)

scenario = s.Scenario("004, Break it 3 and Fix it 3", (broken, fixed))
