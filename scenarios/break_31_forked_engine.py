"""An engine that has opened a connection before the workers were forked: both speak through it."""

from lab import scenario as s
from lab.answers import Title, many_in
from lab.codemods import Patch
from lab.model import Exchange
from lab.scenario.observations import Seen

TITLE = "Buy bread"
FORKED = s.RequestInForks(s.post(TITLE), s.get())
PATCH = (Patch("break_31_forked_engine.patch"),)
KEPT = (False, True)
CHOICES = {
    KEPT: "It does not list the todo, which is there after the COMMIT",
    (True, True): "It lists the todo before the COMMIT, and after it the todo is there",
    (True, False): "It lists the todo before the COMMIT, and after it the todo is gone",
}


def listing(seen: Seen) -> tuple[bool, ...]:
    """Whether the todo was listed before the COMMIT of one worker, and after it."""
    return tuple(lists(answer) for answer in seen.exchanges("GET /todos")[-2:])


def lists(answer: Exchange) -> bool:
    return any(Title(todo.get("title")) == TITLE for todo in many_in(answer.json) or [])


broken = s.Exercise(
    kind="break",
    databases=s.SERVERS,
    title="An engine made before a fork",
    teaches="A fork has a copy of every variable, and the same connection: a socket is not copied.",
    task="Make the tables while the module is imported, not in the lifespan, as many tutorials do. "
    "One process is fine with it. Then let one process import your app and fork two workers, which "
    "serve it: that is what `gunicorn --preload` does. One of them makes a todo, and the other one "
    "lists the todos before the COMMIT. What becomes of the todo?",
    hints=(
        "Look at what your code opens while it is imported, and at who has it after a fork.",
        "Ask what a session does with its connection when it is closed, and whose statements that "
        "takes back.",
        "Type `Base.metadata.create_all(engine)` above `app = FastAPI(...)`; then, with a "
        "DATABASE_URL, `gunicorn --preload -w 2 -k uvicorn_worker.UvicornWorker NAME:app`.",
    ),
    before=(s.RequestInForks(s.post("Buy milk"), s.get()), s.Start(), s.get()),
    prediction=s.Prediction(
        "The app has made its tables before two workers were forked. One of them makes a todo, and "
        "has not committed it yet. The other one lists the todos, and closes its session. Then "
        "the first one commits. What does the other one's list show?",
        of=listing,
        choices=CHOICES,
        why="Both send their statements over one connection. To the database server they are one "
        "client with one transaction: who closes a session rolls back what the other has begun.",
    ),
    variants=(s.Variant("The tables are made while the module is imported.", edits=PATCH),),
    after=(FORKED,),
    symptom=lambda seen: listing(seen) != KEPT,
)

fixed = s.Exercise(
    kind="fix",
    databases=s.SERVERS,
    title="Each worker has its own connections",
    teaches="What a process has opened is its own: a fork opens its connections anew.",
    task="Let one process import your app and fork two workers, as `gunicorn --preload` does: both "
    "serve, and none is in the other one's way. What one of them writes is there after its COMMIT, "
    "and not before it, whatever the other one does meanwhile, and each request is answered while "
    "both have much to do. One process alone starts on an empty database, as before, and its todos "
    "outlive a restart. The app itself sees to that, whoever forks it. How you do that is open.",
    hints=(
        "Look for the first statement that your code sends: is that before the fork, or after it?",
        "Ask which of an engine's connections a worker may use, and when it could let go of the "
        "others.",
        "Type `engine.dispose(close=False)` into the lifespan, as its first line; or open nothing "
        "before it.",
    ),
    before=(FORKED,),
    needed=lambda seen: listing(seen) != KEPT,
    prediction=s.Prediction(
        "Each worker makes its tables itself, when it starts. One makes a todo; before the COMMIT, "
        "the other one lists the todos. What does the other one's list show?",
        of=listing,
        choices=CHOICES,
        why="The engine was made before the fork, too. What counts is when it opens a connection.",
    ),
    variants=(s.Variant("The tables are made when a worker starts.", undoes=PATCH),),
    after=(FORKED,),
    mended=lambda seen: listing(seen) == KEPT,
)

scenario = s.Scenario("002, Creating Tables", (broken, fixed), topic="operations")
