"""What `yield` and `finally` do in get_db, and what is lost without them."""

from lab.scenario import get, post
from lab.scenario.explanation import Explanation, Option, Question

returned = Question(
    "returned",
    "`return` stands where `yield` was. What does this print?",
    (
        Option(
            "waits",
            "endpoint uses the session\nclose",
            "You may have thought that `finally` waits until the session was used. It runs when "
            "the function ends, and `return` ends it. Only `yield` keeps the function waiting.",
        ),
        Option(
            "skipped",
            "endpoint uses the session",
            "You may have thought that `return` leaves before `finally`. Nothing leaves a `try` "
            "without passing its `finally`.",
        ),
        Option("too_early", "close\nendpoint uses the session"),
        Option(
            "nothing_left",
            "close\nendpoint uses None",
            "You may have thought that `finally` takes back what was returned. It runs before the "
            "caller goes on, but the value is handed over all the same.",
        ),
    ),
    "return ends the function: the session is closed first and used afterwards. It opens again by "
    "itself, and then nobody closes it.",
    code="""\
def get_db():
    try:
        return "the session"
    finally:
        print("close")

db = get_db()
print("endpoint uses", db)
""",
)

no_finally = Question(
    "no_finally",
    "No `try` and no `finally` here. The server gets GET /fine, GET /fails and GET /closed. "
    "What does the last one answer?",
    (
        Option(
            "every_time",
            "200 2",
            "You may have thought that what follows `yield` always runs. The 404 is raised at the "
            "`yield` line; without `finally` the rest is skipped.",
        ),
        Option("only_fine", "200 1"),
        Option(
            "never",
            "200 0",
            "You may have thought that without `finally` nothing after `yield` runs. After a "
            "request that went well it does.",
        ),
        Option(
            "crashes",
            "500 Internal Server Error",
            "You may have thought that an error in one request breaks the next. This one only "
            "misses its closing, which nobody notices: that is the danger.",
        ),
    ),
    "An error, and a 404 is enough, is raised at the `yield`. `finally` is what runs even then.",
    code="""\
from fastapi import Depends, FastAPI, HTTPException

app = FastAPI()
closed = []

def get_db():
    yield "the session"
    closed.append("closed")

@app.get("/fine")
def fine(db: str = Depends(get_db)):
    return "fine"

@app.get("/fails")
def fails(db: str = Depends(get_db)):
    raise HTTPException(404)

@app.get("/closed")
def how_many_were_closed():
    return len(closed)
""",
    requests=(get("/fine"), get("/fails"), get("/closed")),
)

no_commit = Question(
    "no_commit",
    "create() flushes and does not commit. POST /todos answers 201 with an id. "
    "What does the GET /todos that follows answer?",
    (
        Option(
            "closed_is_saved",
            "200 1",
            "You may have thought that a flush, or close() in the `finally`, saves the todo. A "
            "flush is part of a transaction, and close() takes back what was not committed.",
        ),
        Option(
            "locked",
            "500 Internal Server Error",
            "You may have thought that the open transaction keeps the next request out. close() "
            "has ended it by then, and gave the connection back.",
        ),
        Option("taken_back", "200 0"),
        Option(
            "no_row",
            "200 null",
            "You may have thought that nothing was written, so there is nothing to count. COUNT of "
            "no rows is a number as well.",
        ),
    ),
    "close() ends the transaction and takes back what was not committed. The 201 was too early.",
    code="""\
from fastapi import FastAPI
from sqlalchemy import func, select
from todos_app.database import Base, SessionDep, engine
from todos_app.models import Todo

Base.metadata.create_all(engine)
app = FastAPI()

@app.post("/todos", status_code=201)
def create(db: SessionDep):
    todo = Todo(title="Buy milk")
    db.add(todo)
    db.flush()
    return {"id": todo.id}

@app.get("/todos")
def count(db: SessionDep):
    return db.scalar(select(func.count(Todo.id)))
""",
    requests=(post("Buy milk"), get()),
)

leak = Question(
    "leak",
    "get_db() never closes its sessions. At first every request is fine. What goes wrong later?",
    (
        Option(
            "file",
            "Each of these sessions makes the database file grow",
            "A session takes no room in the file. What it holds on to is a connection.",
        ),
        Option(
            "one_only",
            "SQLite allows one session at a time, so the second has to wait",
            "Many sessions may be open and read. What is limited is the engine's pool.",
        ),
        Option("pool", "The pool runs out of connections"),
        Option(
            "rows",
            "The todos are no longer saved to the file",
            "commit() saves them, closed or not. What is missing is the way back of the "
            "connection.",
        ),
    ),
    "A session keeps its connection until it is closed. The pool lends 15 at most, then you wait.",
)

scenario = Explanation(
    title="What yield does",
    teaches="yield lends the session to the request; finally closes it, whatever happens.",
    task="Answer four questions about yield and finally. Then say in your own words what they do "
    "in get_db.",
    hints=(
        "Look at get_db() in todos_app/database.py, and at the order of its four lines.",
        "Ask: which lines run before the endpoint, which after it? And after an error?",
        "Type `lab explain explain-4`. In your answer, follow one request that works and one that "
        "fails.",
    ),
    source="004, Explain it 4",
    asks="What does `yield` do in `get_db`, and what is the `finally` block for?",
    questions=(returned, no_finally, no_commit, leak),
    model_answer="yield hands the session to the endpoint and keeps get_db waiting until the "
    "request is done; then it goes on after the yield. The finally block runs then, also where the "
    "endpoint raised an error, and closes the session. That gives the connection back to the pool; "
    "without it connections leak until none is left and requests fail.",
    rubric=(
        "You said that yield hands over the session and that get_db goes on after the request.",
        "You said that finally runs even where the endpoint fails.",
        "You said what closing is good for: the connection goes back, the pool does not run out.",
    ),
)
