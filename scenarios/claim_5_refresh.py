"""True or not: without refresh() a new todo has no id after commit()."""

from lab import scenario as s
from lab.scenario.parts import MODELS

APP = """\
from fastapi import FastAPI
from models import Base, Todo, engine
from sqlalchemy.orm import Session

Base.metadata.create_all(engine)
app = FastAPI()


@app.get("/ids")
def ids_of_a_new_todo():
    with Session(engine) as db:
        todo = Todo(title="Buy milk")
        db.add(todo)
        added = todo.id
        db.commit()  # and no db.refresh(todo)
        return {"after_add": added, "after_commit": todo.id}
"""
IDS = s.get("/ids")

claim = s.Exercise(
    kind="claim",
    title="Without refresh() there is no id",
    teaches="commit() expires an object; the next look at an attribute reads the row anew.",
    task='A course says: "db.refresh() gets the auto-generated ID." So without it a new todo has '
    "no id after commit(). True or not?",
    hints=("Look at when the id is made.", "Ask what else reads a row.", "Type `lab run claim-5`."),
    app={**MODELS, "main.py": APP},
    prediction=s.Prediction(
        "Which id does the todo have: right after add(), and after commit() without refresh()?",
        of=lambda seen: tuple((seen.json(str(IDS)) or {}).values()),
        choices={
            (None, None): "None, and None: the claim is true",
            (None, 1): "None, and 1: the claim is not true",
            (1, 1): "1, and 1: add() gives it",
        },
        why="An expired attribute reads itself as long as its session is open: see break-12.",
    ),
    after=(s.Start(), IDS),
)

scenario = s.Scenario("001, Key changes; 003, What Happens Here", (claim,), topic="sessions")
