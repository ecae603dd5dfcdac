"""True or not: create_all() at every start wipes the data."""

from lab import scenario as s
from lab.scenario.parts import MODELS

APP = """\
from fastapi import FastAPI
from models import Base, Todo, engine
from sqlalchemy import select
from sqlalchemy.orm import Session

Base.metadata.create_all(engine)  # at every start
app = FastAPI()


@app.post("/todos", status_code=201)
def create_todo(body: dict):
    with Session(engine) as db:
        db.add(Todo(title=body["title"]))
        db.commit()


@app.get("/todos")
def list_todos():
    with Session(engine) as db:
        return list(db.scalars(select(Todo)))
"""

claim = s.Exercise(
    kind="claim",
    title="create_all() at every start wipes the data",
    teaches="create_all() leaves a table alone that is there; drop_all() would not.",
    task="A course asks: if you call create_all() every time the app starts, will it wipe or "
    "duplicate your existing tables? The fear is common. True or not?",
    hints=("Look at its name.", "Ask what makes a table go away.", "Type `lab run claim-4`."),
    app={**MODELS, "main.py": APP},
    prediction=s.Prediction(
        "One todo, and two more starts. How many todos are listed?",
        of=lambda seen: len(seen.listed()) if seen.status("GET /todos") == 200 else None,
        choices={0: "0: it wipes", 1: "1: it does nothing to the table", 3: "3: it duplicates"},
        why="A table that is there is passed over, with all that is in it.",
    ),
    after=(s.Start(), s.post("Buy milk"), s.Start(), s.Start(), s.get()),
)

scenario = s.Scenario("000, Exercise 3", (claim,), topic="schema")
