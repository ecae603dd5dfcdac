"""One AsyncSession in gather(): two tasks use it at once, and it is made for one."""

from lab import scenario as s
from lab.codemods import Patch, Replace
from lab.scenario.observations import Seen

SUMMARY = "todos_app/summary.py"
COUNTED = (s.Start(), s.post("Buy milk", completed=True), s.get(), s.get("/summary"))
CHOICES = {
    "right": "Both counts, and they are right",
    "wrong": "Wrong counts: each task reads what the other one asked for",
    "500": "No count at all: a 500",
}
COUNT = """\
async def count(db: AsyncSession, completed: bool) -> int:
    todos = select(func.count()).select_from(Todo).where(Todo.completed == completed)
    return (await db.scalars(todos)).one()
"""
COUNT_ALONE = """\
async def count(completed: bool) -> int:
    todos = select(func.count()).select_from(Todo).where(Todo.completed == completed)
    async with AsyncSessionLocal() as db:  # of this task alone
        return (await db.scalars(todos)).one()
"""
SUM = """\
    async with AsyncSessionLocal() as db:
        done, pending = await asyncio.gather(count(db, True), count(db, False))
"""
SUM_ALONE = "    done, pending = await asyncio.gather(count(True), count(False))\n"


def told(seen: Seen) -> str:
    """Return what a client gets from the summary: the right counts, wrong ones, or a status."""
    status, found = seen.status("GET /summary"), seen.json("GET /summary")
    if status != 200 or not isinstance(found, dict):
        return str(status)
    done = [bool(todo.get("completed")) for todo in seen.listed()]
    right = {"done": done.count(True), "pending": done.count(False)}
    return "right" if found == right else "wrong"


broken = s.Exercise(
    kind="break",
    needs="aiosqlite",
    title="One AsyncSession for two tasks",
    teaches="A session, async or not, is for one task at a time: it holds one connection.",
    task='Add a GET /summary that answers `{"done": 1, "pending": 2}`, the todos that are done '
    "and those that are not. It is an `async def` with an AsyncSession of an engine of "
    "its own, sqlite+aiosqlite on the same file. To be quick, it counts both at the same time: "
    "asyncio.gather() of two statements, on that one session. What does a client get?",
    hints=(
        "Look at the server's log: which method of the session was in progress?",
        "Ask what the two tasks have in common, and which of them it works for at the moment.",
        "Type `await asyncio.gather(db.scalar(...), db.scalar(...))`.",
    ),
    before=(s.Start(), s.post("Buy milk"), s.get()),
    prediction=s.Prediction(
        "GET /summary counts what is done and what is not in two tasks at the same time, with "
        "one AsyncSession. What does a client get?",
        of=told,
        choices=CHOICES,
        why="While one task waits for the session's connection, the other one asks for it, too. "
        "The session sees that, and refuses.",
    ),
    variants=(
        s.Variant(
            "A new file has GET /summary: an AsyncSession, and two counts in asyncio.gather().",
            edits=(Patch("break_27_shared_async_session.patch"),),
        ),
    ),
    after=COUNTED,
    symptom=lambda seen: told(seen) == "500",
)

fixed = s.Exercise(
    kind="fix",
    needs="aiosqlite",
    title="A session for each task",
    teaches="What runs at the same time has a session each; what shares one waits its turn.",
    task='GET /summary answers `{"done": 1, "pending": 2}`: how many todos are done, and how '
    "many are not, as the list has them by then. It is answered 2xx also when twenty clients ask "
    "at the same moment. How you do that is open: with gather(), or without, or in one statement.",
    hints=(
        "Look at the line that calls gather(): how many tasks, and how many sessions do they have?",
        "Ask whether both counts have to run at the same time, and what each would need for that.",
        "Type `async with AsyncSessionLocal() as db:` into the function that counts, or await one "
        "after the other.",
    ),
    before=COUNTED,
    needed=lambda seen: told(seen) == "500",
    prediction=s.Prediction(
        "Each of the two tasks opens a session of its own. What does a client get?",
        of=told,
        choices=CHOICES,
        why="Two sessions, two connections: neither waits for the other, and both are closed.",
    ),
    variants=(
        s.Variant(
            "Each count has a session of its own.",
            edits=(Replace(SUMMARY, COUNT, COUNT_ALONE), Replace(SUMMARY, SUM, SUM_ALONE)),
        ),
    ),
    after=COUNTED,
    mended=lambda seen: told(seen) == "right",
)

scenario = s.Scenario("001, Step 2: aiosqlite", (broken, fixed), topic="async")
