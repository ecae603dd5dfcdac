"""MissingGreenlet: in an async endpoint, an attribute would send a statement, and cannot wait."""

from lab import scenario as s
from lab.codemods import Patch, Replace
from lab.scenario.observations import Seen

FILE, TITLE, TEXT = "todos_app/comments.py", "Buy milk", "Two litres"
COMMENTED = (
    s.Start(),
    s.post(TITLE),
    s.Request("POST", "/comments", {"todo_id": "{id}", "text": TEXT}),
    s.get("/comments"),
)
CHOICES = {
    "right": "The todo, with its comment",
    "none": "The todo, and no comments: nobody has asked for them",
    "500": "A 500",
}
IMPORT = "from sqlalchemy.orm import Mapped, mapped_column, relationship\n"
SELECT = "select(Todo).order_by(Todo.id))"


def told(seen: Seen) -> str:
    """Return what a client gets of the comments: the right one, none, wrong ones, or a status."""
    status, found = seen.status("GET /comments"), seen.json("GET /comments")
    if status != 200 or not isinstance(found, list):
        return str(status)
    shown = [todo.get("comments") for todo in found if isinstance(todo, dict)][-1:]
    return {str([[TEXT]]): "right", str([[]]): "none"}.get(str(shown), "wrong")


broken = s.Exercise(
    kind="break",
    needs="aiosqlite",
    title="The attribute that cannot wait",
    teaches="What is loaded when it is first touched sends a statement, and no `await` is there.",
    task="Give todos comments, in a table of their own, which `Todo` reaches by a relationship(). "
    '`POST /comments` takes `{"todo_id": 1, "text": "Two litres"}`. `GET /comments` is an '
    "`async def` with an AsyncSession of an engine of its own, sqlite+aiosqlite on the same file. "
    "It selects the todos, and answers each with its comments: "
    '`[{"id": 1, "title": "Buy milk", "comments": ["Two litres"]}]`. What does a client get?',
    hints=(
        "Look at the server's log: which line of yours is the last one before SQLAlchemy's own?",
        "Ask which statement that line sends, and who awaits it.",
        "Type `select(Todo)` into the `async def`, and read `todo.comments` of each of them.",
    ),
    before=(s.Start(), s.post(TITLE), s.get()),
    prediction=s.Prediction(
        "GET /comments is async. It selects the todos, and reads the comments of each by its "
        "relationship. What does a client get?",
        of=told,
        choices=CHOICES,
        why="The attribute sends a SELECT when it is first touched. An AsyncSession waits for the "
        "database only where something is awaited, and nobody awaits an attribute.",
    ),
    variants=(
        s.Variant(
            "A new file has the comments: their table, POST /comments, and an async GET /comments.",
            edits=(Patch("break_29_lazy_in_async.patch"),),
            steps=(s.MigrateDatabase(),),
        ),
    ),
    after=COMMENTED,
    symptom=lambda seen: told(seen) == "500" and seen.crashed("greenlet"),
)

fixed = s.Exercise(
    kind="fix",
    needs="aiosqlite",
    title="Loaded before it is touched",
    teaches="In async code the query says what it loads; what it has not loaded is not there.",
    task="GET /comments answers every todo once, with its own comments, or with `[]` where it has "
    'none: `[{"id": 1, "title": "Buy milk", "comments": ["Two litres"]}]`. It does so as soon as '
    "a comment was made, after a restart, and for thirty todos. How the comments are loaded is "
    "open: in the same query, in another one, or by a sync session.",
    hints=(
        "Look at the line that the log names: what does it touch that no query has loaded?",
        "Ask how the query, which is awaited, could bring the comments of all todos with it.",
        "Type `.options(selectinload(Todo.comments))` behind your select().",
    ),
    before=COMMENTED,
    needed=lambda seen: told(seen) == "500",
    prediction=s.Prediction(
        "The query loads the comments of all its todos, by selectinload(). What does a client get?",
        of=told,
        choices=CHOICES,
        why="Both SELECTs are sent where the query is awaited. What is touched later is there.",
    ),
    variants=(
        s.Variant(
            "The query loads the comments with the todos.",
            edits=(
                Replace(FILE, IMPORT, IMPORT.replace("relationship", "relationship, selectinload")),
                Replace(FILE, SELECT, f"{SELECT[:-1]}.options(selectinload(Todo.comments)))"),
            ),
        ),
    ),
    after=COMMENTED,
    mended=lambda seen: told(seen) == "right",
)

scenario = s.Scenario("001, Step 2: aiosqlite", (broken, fixed), topic="async")
