"""A sync session in `async def`: while one request waits for the database, every client waits."""

from lab import scenario as s
from lab.codemods import Patch
from lab.scenario.observations import Seen

WHILE_LOCKED = (
    s.Start(),
    s.get(),
    s.RequestBetween(s.post("Buy milk"), s.get(), locked=True),
    s.get(),
)
PATCH = (Patch("break_18_blocked_loop.patch"),)
CHOICES = {
    "at once": "At once: to read, nobody needs the lock",
    "later": "When the POST is over: until then the server does nothing at all",
    "never": "Not at all: 500, database is locked",
}


def when(seen: Seen) -> str:
    """Return when the list was answered to the one who came while a POST waited."""
    if any(exchange.status >= 500 for exchange in seen.exchanges("GET /todos")):
        return "never"
    return "later" if seen.waited() else "at once"


broken = s.Exercise(
    kind="break",
    title="The blocked event loop",
    teaches="What waits in `async def` without an `await` lets every other client wait as well.",
    task="Somebody says that `async def` is faster: make the endpoint of POST one, and leave its "
    "session as it is. Then let another program hold the lock of the database while a POST comes. "
    "When is a client answered who only wants the list?",
    hints=(
        "Look at who runs your endpoints: for `def` FastAPI takes a thread, for `async def` none.",
        "Ask what the event loop does while a call waits that it was not told to `await`.",
        "Type `async def create_todo(...)`, and nothing else.",
    ),
    before=WHILE_LOCKED,
    prediction=s.Prediction(
        "A POST waits for the database, which another program has locked. Meanwhile another client "
        "sends GET /todos. When is it answered?",
        of=when,
        choices=CHOICES,
        why="One event loop serves every client. A call that waits, and is not awaited, holds it.",
    ),
    variants=(s.Variant("POST is `async def`, and its session is a sync one.", edits=PATCH),),
    after=WHILE_LOCKED,
    symptom=lambda seen: seen.waited(),
)

fixed = s.Exercise(
    kind="fix",
    title="Who waits for the database waits alone",
    teaches="`def` with a Session, or `async def` with an AsyncSession: what waits has a thread, "
    "or an await.",
    task="While one client's write waits for a locked database, let every other client be "
    "answered who needs no lock. POST, PUT and DELETE are judged. How you do that is open: `def`, "
    "an AsyncSession, a thread for what waits.",
    hints=(
        "Look at each endpoint that is `async def`: which of its lines talk to the database?",
        "Ask of each such line whether it is awaited; and who does the waiting if it is not.",
        "Type `def create_todo(...)`. Or: `await run_in_threadpool(db.commit)`, an AsyncSession.",
    ),
    before=WHILE_LOCKED,
    needed=lambda seen: seen.waited(),
    prediction=s.Prediction(
        "POST is a plain `def` again, and waits for the lock as long as before. When is GET /todos "
        "answered meanwhile?",
        of=when,
        choices=CHOICES,
        why="FastAPI runs a `def` in a thread of its pool: that one waits, and the loop goes on.",
    ),
    variants=(s.Variant("POST is `def` again: it waits in a thread.", undoes=PATCH),),
    after=WHILE_LOCKED,
    mended=lambda seen: not seen.waited(),
)

scenario = s.Scenario("003, CREATE Operation", (broken, fixed), topic="async")
