"""True or not: create_all() updates a table whose model has changed."""

from lab import scenario as s
from lab.codemods import AddColumn
from lab.scenario.parts import MODELS

APP = """\
from fastapi import FastAPI
from models import Base, engine
from sqlalchemy import inspect

Base.metadata.create_all(engine)
app = FastAPI()


@app.get("/columns")
def columns_of_the_table():
    return [column["name"] for column in inspect(engine).get_columns("todos")]
"""
COLUMNS = s.get("/columns")

claim = s.Exercise(
    kind="claim",
    title="create_all() updates a changed table",
    teaches="create_all() makes tables that are missing, and never alters one.",
    task='"When FastAPI starts, SQLAlchemy checks all models and creates tables automatically", '
    "says a course. So a new column comes into the table by a restart. True or not?",
    hints=("Look at the SQL.", "Ask what old rows would get.", "Type `lab run claim-3`."),
    app={**MODELS, "main.py": APP},
    prediction=s.Prediction(
        "The model gets a column, and the server restarts. What becomes of the table?",
        of=lambda seen: (seen.status(str(COLUMNS)), "minutes" in (seen.json(str(COLUMNS)) or [])),
        choices={
            (200, True): "It has the column: the claim is true",
            (200, False): "It stays as it is: the claim is not true",
            (0, False): "The server does not start: create_all() refuses",
        },
        why="create_all() looks whether there is a table of that name, and not into it.",
    ),
    before=(s.Start(), COLUMNS),
    variants=(s.Variant("The model gets a column.", edits=(AddColumn("minutes", default=0),)),),
    after=(s.Start(), COLUMNS, s.ShowDrift()),
)

scenario = s.Scenario("003, Creating Tables Automatically", (claim,), topic="schema")
