"""Many clients come at one instant: threads wait for connections, and connections for threads."""

from collections.abc import Sequence

from lab import scenario as s
from lab.codemods import Patch
from lab.model import Exchange
from lab.scenario.observations import Seen

COUNTED = s.Start(pool_timeout=2)
CROWD, LARGER = s.RequestAtOnce(80, s.get()), s.RequestAtOnce(400, s.get())
PATCH = (Patch("break_32_the_crowd.patch"),)


def of_crowd(seen: Seen) -> str:
    """Return how many of the clients who came at one instant, before anything else, got a 200."""
    return part(seen.exchanges("GET /todos")[: CROWD.times])


def of_larger(seen: Seen) -> str:
    """Return the same of those who came last."""
    return part(seen.exchanges("GET /todos")[-LARGER.times :])


def part(answers: Sequence[Exchange]) -> str:
    ok = [answer.ok for answer in answers]
    return "all" if all(ok) else "some" if any(ok) else "none"


broken = s.Exercise(
    kind="break",
    title="The crowd",
    teaches="A crowd stops an app that waits in its threads, though it closes every session.",
    task="Take out of your API what lets requests take turns: then it is the API of every "
    "tutorial. Each request opens a session and closes it. Let 80 clients ask for the list at the "
    "same instant: are all of them answered? And how many connections are still out afterwards?",
    hints=(
        "Look at how many connections a pool lends, and at how many requests come.",
        "Ask where a request waits for a connection, and what one that has a connection needs "
        "before it can give it back.",
        "Type `app = FastAPI(lifespan=lifespan)`, without the dependency for all requests.",
    ),
    before=(COUNTED, s.post("Buy milk"), CROWD),
    prediction=s.Prediction(
        "80 clients ask for the list at the same instant. The pool has 15 connections, and every "
        "request gives back the one it had. How many of the 80 are answered with 200?",
        of=of_crowd,
        choices={
            "all": "All of them: who finds no connection waits until one comes back",
            "some": "Some of them: the others wait in vain, and get a 500",
            "none": "None of them: nothing moves any more, and each gets a 500",
        },
        why="FastAPI has 40 threads for what is no `async def`. Who waits for a connection in one "
        "keeps it, and who has a connection needs a thread to make its answer, before it gives it "
        "back. A larger pool only needs a larger crowd.",
    ),
    variants=(s.Variant("Nobody waits for a turn: every request goes in at once.", edits=PATCH),),
    after=(COUNTED, CROWD, s.CountConnections(3, s.get())),
    symptom=lambda seen: of_crowd(seen) != "all" and not seen.out(),
)

fixed = s.Exercise(
    kind="fix",
    title="Any crowd is answered",
    teaches="Who waits holds nothing that is needed by those it waits for.",
    task="Let 400 clients come at the same instant: each of them is answered with a 2xx, whether "
    "they list the todos, read one, make one or change one. Nobody is sent away to come again, and "
    "what was answered with a 2xx is there. Requests that fail, with 404, 422 or 500, leave "
    "nothing behind that others wait for. The lab lends your app memory for some 300 threads, so "
    "that one for each client is no way. How you do that is open.",
    hints=(
        "Look for what there is only a number of: threads, connections, turns.",
        "Ask what a request holds while it waits. Would a pool of 100 do for 400 clients?",
        "Type `turns = asyncio.Semaphore(10)`, and `async with turns: yield` in an `async def` on "
        "which every endpoint depends.",
    ),
    before=(COUNTED, CROWD),
    needed=lambda seen: of_crowd(seen) != "all",
    prediction=s.Prediction(
        "Ten requests at a time get a turn; the others wait in an `await`. The pool has its 15 "
        "connections, as before. 80 clients come at the same instant, and then 400. How many of "
        "the 400 are answered with 200?",
        of=of_larger,
        choices={
            "all": "All of them, some a little later than others",
            "some": "Some of them: 400 are too many for 15 connections",
            "none": "None of them: they wait for each other",
        },
        why="Who waits in an `await` has no thread and no connection yet. So those who have one "
        "find a thread to make their answer, and the next ones come in.",
    ),
    variants=(s.Variant("Ten requests at a time get a turn.", undoes=PATCH),),
    after=(COUNTED, CROWD, LARGER),
    mended=lambda seen: of_larger(seen) == "all" and not seen.failed(),
)

scenario = s.Scenario("004, Break it 3, and a crowd", (broken, fixed), topic="concurrency")
