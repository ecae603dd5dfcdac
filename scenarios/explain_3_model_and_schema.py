"""Model against schema: what the table stores, and what clients send and get."""

from lab.scenario import get
from lab.scenario.explanation import Explanation, Option, Question

defaults = Question(
    "defaults",
    "Model and schema both say that `completed` is False by default. What does this print?",
    (
        Option(
            "at_once",
            "False\nFalse\nFalse",
            "You may have thought that a model fills in its defaults when the object is made, as a "
            "schema does. A column's default waits for the INSERT.",
        ),
        Option(
            "needs_refresh",
            "None\nNone\nFalse",
            "You may have thought that only refresh() brings back what the database got. After "
            "commit() the next look at an attribute reads the row anew, refresh() or not.",
        ),
        Option("at_insert", "None\nFalse\nFalse"),
        Option(
            "both_wait",
            "None\nFalse\nNone",
            "You may have thought that a schema waits for the database as well. It knows no "
            "database: its default is there at once.",
        ),
    ),
    "The model's default belongs to the INSERT, the schema's to the making of the object.",
    code="""\
from todos_app.database import Base, SessionLocal, engine
from todos_app.models import Todo
from todos_app.schemas import TodoCreate

Base.metadata.create_all(engine)
db = SessionLocal()
todo = Todo(title="Buy milk")
print(todo.completed)
db.add(todo)
db.commit()
print(todo.completed)
print(TodoCreate(title="Buy milk").completed)
""",
)

shown = Question(
    "shown",
    "The schema `Shown` has one field and no from_attributes. What does `GET /todo` answer?",
    (
        Option(
            "refused",
            "500 Internal Server Error",
            "You may have thought that without from_attributes (once orm_mode) a model cannot be "
            "answered. FastAPI reads attributes anyway for a response_model; only "
            "Shown.model_validate(todo) fails.",
        ),
        Option("title", '200 {"title":"Buy milk"}'),
        Option(
            "all",
            '200 {"id":1,"title":"Buy milk"}',
            "You may have thought that the client gets what the endpoint returns. The "
            "response_model decides: fields that it does not have stay inside.",
        ),
        Option(
            "empty",
            "200 {}",
            "You may have thought that without from_attributes the schema finds no values. FastAPI "
            "reads them from the object's attributes all the same.",
        ),
    ),
    "The schema decides what leaves the API, and FastAPI reads the values from the object itself.",
    code="""\
from fastapi import FastAPI
from pydantic import BaseModel
from todos_app.models import Todo

class Shown(BaseModel):
    title: str

app = FastAPI()

@app.get("/todo", response_model=Shown)
def todo():
    return Todo(id=1, title="Buy milk")
""",
    requests=(get("/todo"),),
)

layers = Question(
    "layers",
    "Clients send a `priority`, and get it back after a restart. Where must it be declared?",
    (
        Option(
            "model",
            "In the model only: the schemas take their fields from it",
            "A schema knows nothing of the model. A field that it lacks is dropped on the way in, "
            "and missing on the way out.",
        ),
        Option(
            "schemas",
            "In the schemas only: the table follows what clients send",
            "The table is made from the model. Without a column there is no place to keep a value.",
        ),
        Option("both", "In the model, and in the schemas as well"),
        Option(
            "endpoint",
            "In the endpoint, which passes the value on",
            "It can pass on only what the schema lets in, to a model that has a place for it.",
        ),
    ),
    "Each layer has its own list: the model for what is stored, schemas for what comes and goes.",
)

separate = Question(
    "separate",
    "With SQLModel one class can be table and schema. Why is TodoCreate still a class of its own?",
    (
        Option("id", "So that a client cannot choose its own id"),
        Option(
            "json",
            "A table's class cannot become JSON",
            "It can: SQLModel's table classes are Pydantic models too, and are answered as JSON.",
        ),
        Option(
            "speed",
            "Two small classes are faster to query than a single big one",
            "No query touches TodoCreate. It is there for what comes in, before any SQL.",
        ),
        Option(
            "names",
            "FastAPI needs a different class for each endpoint",
            "One class may serve many endpoints. What differs is what a client may say in each.",
        ),
    ),
    "What clients may set is less than what is stored: the id and created_at are not theirs.",
)

scenario = Explanation(
    title="Model and schema",
    teaches="The model is what is stored; the schemas are what clients may send and will get.",
    task="Answer four questions about models and schemas. Then say in your own words how they "
    "differ and why both are there.",
    hints=(
        "Look at todos_app/models.py and schemas.py side by side. Which names are in both?",
        "Ask of each class: who makes its objects, and who gets to see them?",
        "Type `lab explain explain-3`. In your answer, name one thing that only the model does, "
        "and one that only a schema does.",
    ),
    source="004, Explain it 3 and Mastery check",
    asks="What is the difference between a SQLAlchemy model and a Pydantic schema, and why both?",
    questions=(defaults, shown, layers, separate),
    model_answer="The SQLAlchemy model says what is stored: its table, columns and their types. A "
    "Pydantic schema says what a client may send, checks it, and says what the client gets back. "
    "Both are needed because these differ: the database sets the id, a client must not; a stored "
    "secret must not go out; and a bad value should be a 422 before it reaches the database.",
    rubric=(
        "You said that the model describes what is stored: the table and its columns.",
        "You said that a schema checks what comes in, or decides what goes out, or both.",
        "You gave a reason why they differ, such as the id, a secret, or bad input.",
    ),
)
