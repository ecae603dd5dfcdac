"""Two workers start at once, and each of them finds no table."""

from lab import scenario as s
from lab.codemods import Patch

AT_ONCE = s.StartAtOnce()
CHOICES = {
    2: "Both: whoever is later finds the table that the other one has made",
    1: "One of them: the other one fails",
    0: "Neither: they are in each other's way",
}

broken = s.Exercise(
    kind="break",
    title="Two first starts at the same moment",
    teaches="Who looks first and acts then, acts on what was so when it looked.",
    task="Start your API twice at the same moment, in a folder that has no database yet: that is "
    "what `uvicorn --workers 2` does on a new machine. Do both come up?",
    hints=(
        "Look at what your API does at its start, before it serves.",
        "Ask what create_all() has to know before it can make only what is missing, and when it "
        "learns it.",
        "Type `rm todos.db; uvicorn NAME:app --workers 2`, some ten times, and read the log.",
    ),
    before=(s.Clone(), s.Start(), s.post("Buy milk"), s.get()),
    prediction=s.Prediction(
        "Two processes of your API start at the same moment, and there is no database. Both ask "
        "which tables there are, and then make what is missing. How many of them come up?",
        of=lambda seen: seen.serving(),
        choices=CHOICES,
        why="create_all() asks first, and then sends CREATE TABLE. Between the two there is time.",
    ),
    variants=(s.Variant("Nothing in your code: it is started twice.", steps=(s.Clone(), AT_ONCE)),),
    after=(s.Say("One more start, now that the table is there:"), s.Start(), s.get()),
    symptom=lambda seen: seen.serving() < 2,
)

fixed = s.Exercise(
    kind="fix",
    title="Any number of workers may be the first",
    teaches="A question and what depends on its answer are one step, or somebody comes between.",
    task="Let two processes of your API start at the same moment, whichever of them is quicker: "
    "both come up, and share one database. One that serves has its tables by then, also while the "
    "other one is still at it. What is in the database stays there. A process that is killed in "
    "its start keeps nobody from starting. And what else may go wrong is not hidden: where the "
    "database cannot be opened, no process serves without its tables afterwards. How you do that "
    "is open.",
    hints=(
        "Look for the line that makes the tables: what does it ask the database, and what does "
        "it tell it?",
        "Ask who could look and act in one step, or how one process would wait for another one.",
        "Type `connection.execute(CreateTable(table, if_not_exists=True))` for each table of "
        "`Base.metadata.sorted_tables`; it is in `sqlalchemy.schema`.",
    ),
    before=(s.Clone(), AT_ONCE),
    needed=lambda seen: seen.serving() < 2,
    prediction=s.Prediction(
        "Each process says CREATE TABLE IF NOT EXISTS. Two start at the same moment. How many of "
        "them come up?",
        of=lambda seen: seen.serving(),
        choices=CHOICES,
        why="Now the database looks, and it does so under the lock with which it makes the table.",
    ),
    variants=(
        s.Variant(
            "The database makes each table that is missing.",
            edits=(Patch("break_30_two_first_starts.patch"),),
        ),
    ),
    after=(s.Clone(), AT_ONCE, s.Start(), s.post("Buy milk"), s.get()),
    mended=lambda seen: seen.serving() == 2,
)

scenario = s.Scenario("003, Creating Tables Automatically", (broken, fixed), topic="concurrency")
