"""What Depends() does, and why each request gets a session of its own."""

from lab.scenario import get
from lab.scenario.explanation import Explanation, Option, Question

calls = Question(
    "calls",
    "The server gets `GET /pair` twice. What does it answer the second time?",
    (
        Option(
            "per_app",
            "200 [1,1]",
            "You may have thought that FastAPI calls a dependency once and keeps the result. It "
            "does so for one request only; the next one gets a new result.",
        ),
        Option(
            "per_use",
            "200 [3,4]",
            "You may have thought that each Depends() is a call. Within one request FastAPI calls "
            "the function once and hands the same result to all who ask for it.",
        ),
        Option("per_request", "200 [2,2]"),
        Option(
            "function",
            "500 Internal Server Error",
            "You may have thought that the endpoint gets the function itself, which is no JSON. "
            "FastAPI calls it and hands over what it returns.",
        ),
    ),
    "FastAPI calls the dependency: once for each request, whoever asks for it in that request.",
    code="""\
from fastapi import Depends, FastAPI

app = FastAPI()
calls = []

def ticket():
    calls.append("called")
    return len(calls)

@app.get("/pair")
def pair(a: int = Depends(ticket), b: int = Depends(ticket)):
    return [a, b]
""",
    requests=(get("/pair"), get("/pair")),
)

by_hand = Question(
    "by_hand",
    "A friend drops Depends and writes `db = get_db()` in the endpoint. What does this print?",
    (
        Option("generator", "generator"),
        Option(
            "session",
            "Session",
            "You may have thought that get_db() gives a session to whoever calls it. With `yield` "
            "in it, the call runs no line of it; somebody has to ask for the next value, and "
            "FastAPI does.",
        ),
        Option(
            "none",
            "NoneType",
            "You may have thought that without `return` there is nothing to get. A function with "
            "`yield` gives back a generator, which has not run yet.",
        ),
        Option(
            "factory",
            "sessionmaker",
            "You may have thought that get_db() hands over SessionLocal. It calls it, and only "
            "once somebody asks for the next value.",
        ),
    ),
    "The call only makes a generator. Depends() is what runs it to the `yield`, and later on.",
    code="""\
from todos_app.database import get_db

db = get_db()
print(type(db).__name__)
""",
)

shared = Question(
    "shared",
    "One session for all requests, and the second request sends a todo without a title. "
    "What does this print?",
    (
        Option(
            "recovers",
            "saved\nIntegrityError\nsaved",
            "You may have thought that a failed commit ends with its own request. The session "
            "stays in its failed transaction until somebody calls rollback().",
        ),
        Option("poisoned", "saved\nIntegrityError\nPendingRollbackError"),
        Option(
            "unchecked",
            "saved\nsaved\nsaved",
            "You may have thought that None is stored as it is. The column is NOT NULL "
            "(`Mapped[str]` without `| None`), so the database refuses the row.",
        ),
    ),
    "One failure blocks the session until a rollback(). A session for each request keeps it apart.",
    code="""\
from sqlalchemy.exc import SQLAlchemyError
from todos_app.database import Base, SessionLocal, engine
from todos_app.models import Todo

Base.metadata.create_all(engine)
db = SessionLocal()  # one, shared by every request
for title in ["Buy milk", None, "Walk the dog"]:
    try:
        db.add(Todo(title=title))
        db.commit()
        print("saved")
    except SQLAlchemyError as error:
        print(type(error).__name__)
""",
)

gain = Question(
    "gain",
    "Each endpoint could call SessionLocal() itself. What do you gain with Depends(get_db)?",
    (
        Option(
            "speed",
            "Speed: one open session serves every request",
            "Each request gets a new session. What is used again are the engine's connections, "
            "and that with or without Depends().",
        ),
        Option(
            "commit",
            "What you add is committed when the endpoint returns",
            "get_db() only closes the session. What was not committed by then is lost.",
        ),
        Option("one_place", "Opening and closing is written once, and a test can swap it"),
        Option(
            "threads",
            "Requests at the same time may share one session",
            "A session is for one request at a time. Depends() gives each request its own.",
        ),
    ),
    "The rule is in one place, holds for every endpoint, and app.dependency_overrides can swap it.",
)

scenario = Explanation(
    title="What Depends() does",
    teaches="FastAPI calls get_db() for each request and hands its session to the endpoint.",
    task="Answer four questions about Depends() and sessions. Then say in your own words what "
    "Depends(get_db) does.",
    hints=(
        "Look at SessionDep at the end of todos_app/database.py, and at who uses it in main.py.",
        "Ask: who calls get_db()? How often? And who would close the session without it?",
        "Type `lab explain explain-2`. In your answer, say who calls get_db(), when, and what the "
        "endpoint gets.",
    ),
    source="004, Explain it 2",
    asks="What does `Depends(get_db)` do, and why is it better than a session made in each "
    "endpoint?",
    questions=(calls, by_hand, shared, gain),
    model_answer="Depends(get_db) tells FastAPI to call get_db() before the endpoint, for every "
    "request, and to hand over the session that it yields; after the request FastAPI lets get_db() "
    "go on, which closes the session. So opening and closing is written once and cannot be "
    "forgotten in an endpoint, each request has a session of its own, and a test can put another "
    "one in its place.",
    rubric=(
        "You said that FastAPI calls get_db(), for each request, and hands over the session.",
        "You said that the session is closed afterwards, without the endpoint's help.",
        "You gave a reason: written once, one session a request, or easy to swap in a test.",
    ),
)
