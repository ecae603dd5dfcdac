"""What several scenarios have in common: the model of small apps, and the move to a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab import scenario as s
from lab.codemods import ReadUrl

if TYPE_CHECKING:
    from lab.scenario.observations import Seen

# For the apps of claims: each has a main.py of its own beside it, with what the claim is about.
MODELS = {
    "models.py": """\
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_engine("sqlite:///./todos.db")


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
"""
}


def moving(
    database: s.Database,
    *,
    title: str,
    teaches: str,
    server: str,
    url: str,
    hint: str,
    follows: str,
    why: str,
) -> s.Exercise:
    """Return the exercise of moving the todos of the file to a server of this kind.

    `server` is what the learner needs one of, and `url` how it is named; `hint` is the last one.
    `follows` says how a new todo may get the next id, and `why` who counts there.
    """
    return s.Exercise(
        kind="alter",
        minutes=40,
        databases=(database,),
        includes=("persist", "alter-1", "alter-2", "alter-3", "fix-3"),
        title=title,
        teaches=teaches,
        task=f"Make a database todos on a {server} server, and let your API use it: DATABASE_URL "
        f"is {url}. Move the rows of todos.db: none is lost, ids and times stay. What alter-1 to "
        "alter-3 ask for holds there too. Keep todos.db until it is judged: it is what the lab "
        "compares with.",
        hints=(
            "Look at database.py: where does the URL come from, and what else is said to SQLite "
            "there?",
            "Ask who makes the tables on the new server, and what the next id will be after the "
            "move.",
            f"Type {hint} Give create_engine() no connect_args of SQLite's.",
        ),
        before=(s.Start(), s.get(), s.ShowRows(), s.Stop()),
        prediction=s.Prediction(
            "The rows are on the new server, with their ids. A new todo is made. Which id does it "
            "get?",
            of=_place_of_new_id,
            choices={
                "first": "1: the table is new, so it counts from the start",
                "next": f"The one after the highest: {follows}",
                500: "None: the id is taken already, and the POST fails",
            },
            why=why,
        ),
        variants=(
            s.Variant(
                "The app starts on the server and makes its tables; then the rows are copied.",
                edits=(ReadUrl(),),
                steps=(s.MoveDatabase(),),
            ),
        ),
        after=(s.Start(), s.get(), s.post("Made on the server"), s.ShowRows()),
    )


def _place_of_new_id(seen: Seen) -> object:
    """Where the new todo's id stands to those that were there; the status where none was made."""
    made, others = seen.made(), [todo["id"] for todo in seen.before.listed()]
    if not made:
        return seen.status("POST /todos")
    return "next" if made[-1]["id"] > max(others, default=0) else "first"
