"""Alembic: a first migration, and the priority as the second one."""

from lab import scenario as s
from lab.codemods import Patch
from lab.scenario.observations import Seen


def priority(seen: Seen) -> object:
    """Return the priority in the last answer; None where there is none."""
    last = seen.exchanges()[-1].json if seen.exchanges() else None
    return last.get("priority") if isinstance(last, dict) else None


alter = s.Exercise(
    kind="alter",
    minutes=40,
    title="Migrations with Alembic",
    teaches="A migration changes a table that has rows, forwards and back, and keeps them.",
    task="Bring your workspace under Alembic, so that `alembic upgrade head` in its folder makes "
    "the database of your API. Write two migrations: the first makes the table as it was, the "
    "next adds the `priority` of alter-1 (integer, 0 for the todos that are there). Each can be "
    "taken back with `alembic downgrade`, and no todo is lost on the way, up or down. Your own "
    "todos.db comes along: `alembic upgrade head` works on it too.",
    hints=(
        "Look at what `alembic init migrations` makes. Where does it get your URL and models?",
        "Ask which value the rows that are there get: who gives it, Python or the database? And "
        "how can Alembic know which revision your old todos.db is at?",
        'Type `server_default="0"` into the new column, `with op.batch_alter_table("todos")` for '
        "the way back, and `alembic stamp` with your first revision for the old todos.db.",
    ),
    before=(s.Start(), s.post("Made before"), s.get(), s.ShowRows(), s.Stop()),
    prediction=s.Prediction(
        "A todo gets priority 5. The migration is taken back and made again. What is it then?",
        of=priority,
        choices={
            5: "5: what was there comes back with the column",
            0: "0: the todo is there, with what a new column gives it",
            None: "The todo is gone with the column",
        },
        why="The way back drops the column with its values. The rows stay, and start anew.",
    ),
    variants=(
        s.Variant(
            "Two migrations. The app runs them when it starts, where it called create_all().",
            edits=(
                Patch("alter_1_priority.patch", field="priority"),
                Patch("alter_7_alembic.patch"),
            ),
            steps=(s.AdoptDatabase(first="0001", column="priority"),),
        ),
    ),
    after=(
        *(s.Start(), s.get(), s.post("Urgent", priority=5), s.Stop()),
        *(s.RunAlembic("downgrade -1"), s.ShowRows(), s.RunAlembic("upgrade head"), s.ShowRows()),
        *(s.Start(), s.get("/todos/{id}")),
    ),
)

scenario = s.Scenario("001 and 004, Fix it 2: a migration tool", (alter,), topic="schema")
