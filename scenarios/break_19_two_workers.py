"""A list that is kept in memory: right with one worker, and with two each has its own."""

from lab import scenario as s
from lab.answers import many_in
from lab.codemods import Patch
from lab.scenario.observations import Seen

WITH_TWO = (s.Start(), s.RequestInTurn((s.get(), s.post("Buy milk"), s.get(), s.get())))
PATCH = (Patch("break_19_two_workers.patch"),)
CHOICES = {
    (True, True): "Both: they have one database",
    (False, True): "The one that has made it, and not the other one",
    (False, False): "Neither: two processes cannot use one file",
}


def listing(seen: Seen) -> tuple[bool, ...]:
    """Whether the other worker lists what was made last, and whether the one that made it does."""
    made = [todo.get("id") for todo in seen.made()[-1:]]
    lists = [many_in(answer.json) or [] for answer in seen.exchanges("GET /todos")[-2:]]
    return tuple(any(todo.get("id") in made for todo in listed) for listed in lists)


broken = s.Exercise(
    kind="break",
    title="Two workers, one table",
    teaches="What one process keeps in memory, no other process knows of.",
    task="Make GET /todos faster: keep the list in memory, and drop it at every write. With one "
    "worker that is right. Then let two serve the same folder, as `uvicorn --workers 2` does, and "
    "create a todo at one of them. Which of them lists it?",
    hints=(
        "Look at where the list is kept, and in which process that is.",
        "Ask who drops the list when a todo is made, and who else keeps one.",
        "Type `cache = {}` above your endpoints. GET fills it where it is empty; POST, PUT and "
        "DELETE call `cache.clear()`.",
    ),
    before=WITH_TWO,
    prediction=s.Prediction(
        "Two workers serve your API, and both have been asked for the list. Then one of them makes "
        "a todo. Which of them lists it?",
        of=listing,
        choices=CHOICES,
        why="Two workers are two processes: they share the database, and not one variable.",
    ),
    variants=(
        s.Variant("GET keeps the list in memory; each write drops what is kept.", edits=PATCH),
    ),
    after=WITH_TWO,
    symptom=lambda seen: listing(seen) == (False, True),
)

fixed = s.Exercise(
    kind="fix",
    title="Each worker tells the same",
    teaches="What all workers have to agree on is in the database, and is asked for there.",
    task="Let two workers serve one folder, and answer alike: what one of them has made, changed "
    "or deleted, the other one shows at once, in the list and by its id. How you do that is open: "
    "a cache, too, as long as it notices what the others have written.",
    hints=(
        "Look for what outlives a request: a variable of a module, a session, an `lru_cache`.",
        "Ask of each of them how a process would notice that another one has written.",
        "Type the query into the endpoint, and nothing between it and the answer.",
    ),
    before=WITH_TWO,
    needed=lambda seen: listing(seen) == (False, True),
    prediction=s.Prediction(
        "Each worker asks the database for the list again. One of them makes a todo. Which of them "
        "lists it?",
        of=listing,
        choices=CHOICES,
        why="The row is in the file at the commit, and who reads the file after that finds it.",
    ),
    variants=(s.Variant("Each GET asks the database.", undoes=PATCH),),
    after=WITH_TWO,
    mended=lambda seen: listing(seen) == (True, True),
)

scenario = s.Scenario(
    "003, The Problem with In-Memory Storage", (broken, fixed), topic="operations"
)
