"""`database is locked`: a request works between its write and its commit; others cannot write."""

from lab import scenario as s
from lab.codemods import Patch, Replace
from lab.scenario.observations import Seen

CLIENTS = 3
AT_ONCE = (s.Start(), s.RequestAtOnce(CLIENTS, s.post("Buy milk")), s.get())
ADDED = "    db.add(todo)\n"
MAIL = "    sleep(1)  # a mail goes out, and its server takes its time\n"
COMMIT = "    db.commit()  # until here, nothing is in the file\n"
SHORTER = Replace(
    "todos_app/main.py", f"{ADDED}    db.flush()\n{MAIL}{COMMIT}", f"{ADDED}{COMMIT}{MAIL}"
)


def answered(seen: Seen) -> str:
    """Return how many of the clients were answered 2xx, in a word."""
    made = sum(exchange.ok for exchange in seen.exchanges("POST /todos"))
    return {0: "none", CLIENTS: "all"}.get(made, "some")


broken = s.Exercise(
    kind="break",
    title="database is locked",
    teaches="From its first write to its COMMIT a transaction keeps all other writers out.",
    task="Let POST do slow work (a mail that goes out, say) between its write and its commit, and "
    "let the engine wait half a second for a lock. Then let three clients create a todo at the "
    "same moment. What are they answered?",
    hints=(
        'Look at `lab trace POST /todos \'{"title": "x"}\'`: when does the INSERT come, when the '
        "COMMIT, and what can be done in between?",
        "Ask who else may write in that time, and how long each of them is ready to wait.",
        'Type `db.flush()` and `sleep(1)` above `db.commit()`, and `connect_args={"timeout": 0.5}` '
        "into create_engine().",
    ),
    before=AT_ONCE,
    prediction=s.Prediction(
        "Three clients create a todo at once. Each POST takes a second now, and waits half a "
        "second for a lock. What are they answered?",
        of=answered,
        choices={
            "all": "201, all three: SQLite lets them write one after the other",
            "some": "One of them 201, the others 500",
            "none": "500, all three: each of them is in the way of the others",
        },
        why="One transaction writes at a time. It holds the lock until its COMMIT, whatever it "
        "does meanwhile; who has waited as long as `timeout` says gets an error.",
    ),
    variants=(
        s.Variant(
            "A mail goes out before the commit; nobody waits longer than half a second for a lock.",
            edits=(Patch("break_17_locked_database.patch"),),
        ),
    ),
    after=AT_ONCE,
    symptom=lambda seen: seen.crashed("database is locked"),
)

fixed = s.Exercise(
    kind="fix",
    title="Writers wait for each other, and not for long",
    teaches="Write late and commit soon; and let whoever has to wait wait long enough.",
    task="Keep the slow work, and let three clients create a todo at the same moment: each is "
    "answered 2xx, and each todo is there, once. They may wait for each other. An honest 503 with "
    "Retry-After is not enough here: each client asks once.",
    hints=(
        "Look at what stands between the first write of a request and its commit.",
        "Ask which lines need the transaction; and how long the last of three would have to wait.",
        "Type `db.commit()` above what takes its time. Or let everybody wait longer: "
        '`connect_args={"timeout": 30}`, with BEGIN IMMEDIATE where a transaction reads first.',
    ),
    before=AT_ONCE,
    needed=lambda seen: seen.crashed("database is locked"),
    prediction=s.Prediction(
        "The mail goes out after the commit now, and the timeout is half a second still. What are "
        "three clients at once answered?",
        of=answered,
        choices={
            "all": "201, all three",
            "some": "One of them 201, the others 500, as before",
            "none": "500, all three",
        },
        why="The lock is held for some milliseconds. Nobody else needs to know of the mail.",
    ),
    variants=(s.Variant("The commit comes first, then the mail.", edits=(SHORTER,)),),
    after=AT_ONCE,
    mended=lambda seen: answered(seen) == "all",
)

scenario = s.Scenario("003, CREATE Operation", (broken, fixed), topic="concurrency")
