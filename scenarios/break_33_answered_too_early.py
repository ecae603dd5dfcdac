"""A commit below the `yield` of the session dependency: the answer is out before it runs."""

from lab import scenario as s
from lab.codemods import Patch
from lab.scenario.observations import Seen

PATCH = (Patch("break_33_answered_too_early.patch"),)
CHOICES = {
    "there": "The new todo: what was answered is there",
    "gone": "No new todo, though its client has a 2xx",
    "refused": "No new todo, and its client knows: it got an error",
}


def killed(title: str) -> tuple[s.Step, ...]:
    """Make a todo in a process that is killed with the answer, and list the todos of the next."""
    return s.Start(), s.KillAtAnswer(s.post(title)), s.Start(), s.get()


def after_the_kill(seen: Seen) -> str:
    """Return what has become of the todo that was made before the kill, in a word."""
    if not seen.made():
        return "refused"
    return "there" if seen.last_made() else "gone"


broken = s.Exercise(
    kind="break",
    title="The commit below the yield",
    teaches="What is below a `yield` may run after the answer: that is too late for a commit.",
    task="Commit in one place, so that no endpoint forgets it: flush() in the endpoints, and "
    "commit() below the `yield` of your session dependency. It works. Now create a todo, and let "
    "the process be killed in the moment in which the answer is out. Is the todo there?",
    hints=(
        "Look at the order: when does your client have its 201, and when does the line below "
        "`yield` run?",
        "Ask who could still be told, should that line fail or never run.",
        "Type `db.commit()` below `yield db`, and `db.flush()` where your endpoints have "
        "`db.commit()`.",
    ),
    before=killed("Buy milk"),
    prediction=s.Prediction(
        "The endpoints flush, and get_db commits below its `yield`. A todo is made; in the moment "
        "in which the answer is out, the process is killed. What does the list have after a start?",
        of=after_the_kill,
        choices=CHOICES,
        why="FastAPI runs the lines below `yield` after the answer since 0.118, and before it from "
        "0.106 to 0.117. A 2xx is a promise, and only what was committed by then is kept.",
    ),
    variants=(
        s.Variant("The endpoints flush, and get_db commits below its `yield`.", edits=PATCH),
    ),
    after=killed("Walk the dog"),
    symptom=lambda seen: after_the_kill(seen) == "gone",
)

fixed = s.Exercise(
    kind="fix",
    title="Committed, then answered",
    teaches="What goes wrong after the answer, no client hears of: who answers 2xx has committed.",
    task="Let what is answered with a 2xx be committed by then, for POST, PUT and DELETE alike. A "
    "commit that the database refuses is told to the client: no 2xx. A request that fails leaves "
    "nothing half written. The session is closed either way. How you do that is open.",
    hints=(
        "Look at what has run when an endpoint returns, and at what has not.",
        "Ask where the last place is at which a failed commit can still become another answer.",
        "Type `db.commit()` in the endpoints again, above `db.refresh(...)`. Or, since FastAPI "
        "0.121, keep the one place and let it run before the answer: `Depends(get_db, "
        'scope="function")`.',
    ),
    before=killed("Buy milk"),
    needed=lambda seen: after_the_kill(seen) == "gone",
    prediction=s.Prediction(
        "The endpoints commit, then return. A todo is made, and in the moment in which the answer "
        "is out, the process is killed. What does the list have after a start?",
        of=after_the_kill,
        choices=CHOICES,
        why="The file had it before the client heard of it. Nothing that comes after the answer "
        "can take it back.",
    ),
    variants=(s.Variant("The endpoints commit before they return.", undoes=PATCH),),
    after=killed("Walk the dog"),
    mended=lambda seen: after_the_kill(seen) == "there",
)

scenario = s.Scenario("003, Why Do We Need get_db()?", (broken, fixed), topic="durability")
