"""True or not: responses break where a schema has no from_attributes."""

from lab import scenario as s
from lab.scenario.parts import MODELS

APP = """\
from fastapi import FastAPI
from pydantic import BaseModel
from models import Todo


class TodoResponse(BaseModel):  # no from_attributes, no orm_mode
    id: int
    title: str


app = FastAPI()


@app.get("/answered", response_model=TodoResponse)
def answered():
    return Todo(id=1, title="Buy milk")


@app.get("/validated")
def validated():
    return TodoResponse.model_validate(Todo(id=1, title="Buy milk"))
"""
ANSWERED, VALIDATED = s.get("/answered"), s.get("/validated")
claim = s.Exercise(
    kind="claim",
    title="Without from_attributes responses break",
    teaches="A response_model reads attributes anyway; your own model_validate() does not.",
    task='A course says: "Missing orm_mode = True (today from_attributes): without this, Pydantic '
    'cannot convert SQLAlchemy objects to JSON." True or not, with a response_model?',
    hints=("Look at who makes the schema.", "Ask what it is told.", "Type `lab run claim-1`."),
    app={**MODELS, "main.py": APP},
    prediction=s.Prediction(
        "Without from_attributes: which of the two endpoints fails?",
        of=lambda seen: (seen.status(str(ANSWERED)), seen.status(str(VALIDATED))),
        choices={
            (500, 500): "Both: the claim is true",
            (200, 500): "Only /validated: under a response_model the claim is not true",
            (200, 200): "None: from_attributes is of no use",
        },
        why="FastAPI reads the attributes itself. Pydantic alone has to be told.",
    ),
    after=(s.Start(), ANSWERED, VALIDATED),
)

scenario = s.Scenario("001, Common Mistakes", (claim,), topic="answers")
