"""True or not: SQLite needs check_same_thread=False."""

from lab import scenario as s
from lab.scenario.observations import Seen

APP = """\
import threading

from fastapi import FastAPI
from sqlalchemy import create_engine, text

engine = create_engine("sqlite:///./todos.db")  # no check_same_thread=False
connection = engine.connect()
opened_by = threading.get_ident()
app = FastAPI()


@app.get("/one-connection")
def used_by_another_thread():
    here = threading.get_ident() != opened_by
    return {"another_thread": here, "answer": connection.scalar(text("SELECT 1"))}
"""
ASKED = s.get("/one-connection")


def outcome(seen: Seen) -> object:
    """Return what the connection did in a thread that had not opened it."""
    answer = seen.json(str(ASKED)) or {}
    return answer.get("another_thread"), seen.status(str(ASKED))


claim = s.Exercise(
    kind="claim",
    title="SQLite needs check_same_thread=False",
    teaches="SQLAlchemy 2 sets it by itself where the database is a file.",
    task='A course says: "check_same_thread=False is required because FastAPI uses multiple '
    'threads." True or not, for a database in a file?',
    hints=(
        "Look at which thread opens a connection, and which thread uses it.",
        "Ask who calls sqlite3.connect(): you, or SQLAlchemy?",
        "Type `lab run claim-2`.",
    ),
    app={"main.py": APP},
    prediction=s.Prediction(
        "Without the option, another thread uses the connection. What happens?",
        of=outcome,
        choices={
            (None, 500): "500, ProgrammingError: the claim is true",
            (True, 200): "It answers: the claim is not true",
            (False, 200): "It answers, as FastAPI uses the same thread after all",
        },
        why="The option is part of how SQLAlchemy opens a file. In memory it is another matter.",
    ),
    after=(s.Start(), ASKED),
)

scenario = s.Scenario(
    "000, SQLite needs one extra option; 001, Step 2; 002", (claim,), topic="concurrency"
)
