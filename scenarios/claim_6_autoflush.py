"""True or not: a query finds what was just added, autoflush or not."""

from lab import scenario as s
from lab.scenario.parts import MODELS

APP = """\
from fastapi import FastAPI
from models import Base, Todo, engine
from sqlalchemy import func, select
from sqlalchemy.orm import sessionmaker

SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)  # as many write it

Base.metadata.create_all(engine)
app = FastAPI()


@app.get("/found")
def found_after_add(autoflush: bool):
    with SessionLocal(autoflush=autoflush) as db:
        db.add(Todo(title="Buy milk"))
        return db.scalar(select(func.count(Todo.id)))  # before any commit
"""
ON, OFF = s.get("/found?autoflush=true"), s.get("/found?autoflush=false")

claim = s.Exercise(
    kind="claim",
    title="autoflush=False changes nothing",
    teaches="A query flushes first, unless autoflush is off: then it misses what was added.",
    task="Two courses make sessions with `autoflush=False` and say no word about it. So it changes "
    "nothing that you would see. True or not, for a query between add() and commit()?",
    hints=("Look at the SQL.", "Ask who sends the INSERT.", "Type `lab run claim-6`."),
    app={**MODELS, "main.py": APP},
    prediction=s.Prediction(
        "A todo is added, and counted in the same session: with autoflush, and without?",
        of=lambda seen: (seen.json(str(ON)), seen.json(str(OFF))),
        choices={(1, 1): "1, and 1", (1, 0): "1, and 0", (0, 0): "0, and 0"},
        why="add() only notes. Autoflush sends what is noted before each query.",
    ),
    after=(s.Start(), ON, OFF),
)

scenario = s.Scenario("001, Step 2; 002, Creating a Session Factory", (claim,), topic="sessions")
