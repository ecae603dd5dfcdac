"""A test that sees whether the filter of a list is right."""

from lab import scenario as s
from lab.codemods import Patch, Replace
from lab.scenario.observations import Seen

FILE = "tests/test_filter.py"
FIRST_TRY = """\
from fastapi.testclient import TestClient

from todos_app.main import app


def test_what_is_completed() -> None:
    with TestClient(app) as client:
        client.post("/todos", json={"title": "Buy milk", "completed": True})
        found = client.get("/todos?completed=true").json()
        assert [todo["title"] for todo in found] == ["Buy milk"]
"""
RIGHT = Patch("alter_2_filter.patch")
WRONG = (
    RIGHT,
    Replace("todos_app/main.py", "Todo.completed == completed", "Todo.completed.is_(True)"),
)
FILTERS, NONE, ONE = (
    "On an API with the filter",
    "On one that lists all, whatever is asked for",
    "On one that lists what is done, also for ?completed=false",
)


test = s.Exercise(
    kind="test",
    file=FILE,
    title="A test that knows the answer",
    teaches="A filter shows only where something is there that it must leave out.",
    task="Write a test in tests/test_filter.py that pytest can run, for the filter of alter-2: "
    "GET /todos?completed=true lists what is done, GET /todos?completed=false what is not done, "
    "and GET /todos lists all. It passes on an API that does so, and fails on one that does not. "
    "Your own todos stay as they are. The lab runs it on APIs of its own, right and wrong, in the "
    "place of `todos_app`.",
    hints=(
        "Look at what is in the database when the first try of `lab run test-2` asks for the list.",
        "Ask which answers would be the same with a filter and without: what has to be there?",
        'Type two `client.post` calls, one with `"completed": True`; then compare the titles of '
        "all three lists.",
    ),
    before=(
        s.ShowSource(FILE, FIRST_TRY),
        s.Predict(),
        s.RunTest(FILE, FILTERS, (RIGHT,), source=FIRST_TRY),
        s.RunTest(FILE, NONE, source=FIRST_TRY),
        s.RunTest(FILE, ONE, WRONG, source=FIRST_TRY),
    ),
    prediction=s.Prediction(
        "This test is run on an API with the filter, on one without, and on one whose filter "
        "knows only one answer. Where does it fail?",
        of=Seen.tests_failed,
        choices={
            (False, False, False): "On none of them",
            (False, True, False): "On the one without a filter",
            (False, True, True): "On both wrong ones",
        },
        why="A list of one todo looks the same, whoever has chosen it.",
    ),
    variants=(
        s.Variant(
            "One todo of each kind, and all three questions.",
            edits=(Patch("test_2_filter.patch"),),
        ),
    ),
    after=(
        s.RunTest(FILE, FILTERS, (RIGHT,)),
        s.RunTest(FILE, NONE),
        s.RunTest(FILE, ONE, WRONG),
    ),
)

scenario = s.Scenario("004, Alter it 2", (test,), topic="answers")
