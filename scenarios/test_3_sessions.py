"""A test that sees whether every session is closed."""

from lab import scenario as s
from lab.codemods import Patch, Replace
from lab.scenario.observations import Seen

FILE = "tests/test_sessions.py"
FIRST_TRY = """\
from fastapi.testclient import TestClient

from todos_app.main import app


def test_many_requests() -> None:
    with TestClient(app) as client:
        for _ in range(10):
            assert client.get("/todos").status_code == 200
"""
DATABASE = "todos_app/database.py"
LEAKS = (
    Replace(DATABASE, "class Base(", "left_open: list[Session] = []\n\n\nclass Base("),
    Replace(
        DATABASE,
        "    try:\n        yield db\n    finally:\n        db.close()",
        "    left_open.append(db)\n    yield db",
    ),
)
CLOSES, LEAVES = "On an API that closes every session", "On one that closes none"


test = s.Exercise(
    kind="test",
    file=FILE,
    title="A test that counts",
    teaches="A leak shows where the pool ends, or where somebody looks at the pool.",
    task="Write a test in tests/test_sessions.py that pytest can run. It passes on an API that "
    "gives every connection back, and fails on one where a session stays open: with any request, "
    "also one that is answered 404, and with PUT or DELETE alone. Your own todos stay as they are. "
    "The lab runs it on APIs of its own, right and wrong, in the place of `todos_app`.",
    hints=(
        "Look at break-3: after how many requests does an app that leaks stop answering?",
        "Ask what there is to count before the pool is empty, and after which requests.",
        "Type `from todos_app.database import engine`, and after each kind of request "
        "`assert engine.pool.checkedout() == 0`.",
    ),
    before=(
        s.ShowSource(FILE, FIRST_TRY),
        s.Predict(),
        s.RunTest(FILE, CLOSES, source=FIRST_TRY),
        s.RunTest(FILE, LEAVES, LEAKS, source=FIRST_TRY),
    ),
    prediction=s.Prediction(
        "This test is run on an API that closes every session, and on one that closes none. "
        "Where does it fail?",
        of=Seen.tests_failed,
        choices={
            (False, False): "On neither of them",
            (False, True): "On the one that closes none",
            (True, True): "On both: ten requests are too many",
        },
        why="A pool of SQLAlchemy lends 15 connections before it lets somebody wait.",
    ),
    variants=(
        s.Variant(
            "The pool is counted after each kind of request.",
            edits=(Patch("test_3_sessions.patch"),),
        ),
    ),
    after=(s.RunTest(FILE, CLOSES), s.RunTest(FILE, LEAVES, LEAKS)),
)

scenario = s.Scenario("004, Break it 3", (test,), topic="sessions")
