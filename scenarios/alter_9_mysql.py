"""The todos move from the file to MySQL."""

from lab import scenario as s
from lab.edits import ReadUrl


def following(seen):
    """Whether the new todo's id comes after all others."""
    made, others = seen.made(), [todo["id"] for todo in seen.before.listed()]
    if not made:
        return seen.status("POST /todos")
    return "next" if made[-1]["id"] > max(others, default=0) else "first"


alter = s.Exercise(
    kind="alter",
    databases=("mysql",),
    includes=("persist", "alter-1", "alter-2", "alter-3", "fix-3"),
    title="From the file to MySQL",
    teaches="Another URL is another server, and other types: text of a length, whole seconds.",
    task="Make a database todos on a MySQL or MariaDB server, and let your API use it: "
    "DATABASE_URL is mysql+pymysql://USER:PASSWORD@HOST/todos. Move the rows of todos.db: none is "
    "lost, ids and times stay. Then `lab verify alter-9 --database-url URL`. What alter-1 to "
    "alter-3 ask for holds there too. Keep todos.db until then: it is what the lab compares with.",
    hints=(
        "Look at database.py: where does the URL come from, and what else is said to SQLite there?",
        "Ask who makes the tables on the new server, and what the next id will be after the move.",
        "Type `String(200)` where a text column has no length: MySQL wants one. Copy the rows with "
        "their ids and created_at. Give create_engine() no connect_args of SQLite's.",
    ),
    before=(s.Start(), s.get(), s.ShowRows(), s.Stop()),
    prediction=s.Prediction(
        "The rows are on the new server, with their ids. A new todo is made. Which id does it get?",
        of=lambda seen: following(seen),
        choices={
            "first": "1: the table is new, so it counts from the start",
            "next": "The one after the highest: the table has seen the ids",
            500: "None: the id is taken already, and the POST fails",
        },
        why="AUTO_INCREMENT belongs to the table and follows the highest id that it was given.",
    ),
    ways=(
        s.Way(
            (ReadUrl(), s.MoveDatabase()),
            "The app starts on the server and makes its tables; then the rows are copied.",
        ),
    ),
    after=(s.Start(), s.get(), s.post("Made on the server"), s.ShowRows()),
)

scenario = s.Scenario(
    "004, Why this project exists: PostgreSQL or MySQL is one line", (alter,), more=True
)
