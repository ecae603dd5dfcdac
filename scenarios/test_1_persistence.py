"""A test that sees whether an API keeps its todos."""

from lab import scenario as s
from lab.codemods import Patch, Replace
from lab.scenario.observations import Seen

FIRST_TRY = """\
from fastapi.testclient import TestClient

from todos_app.main import app


def test_a_todo_is_kept() -> None:
    with TestClient(app) as client:
        client.post("/todos", json={"title": "Buy milk"})
        assert client.get("/todos").json()[-1]["title"] == "Buy milk"
"""
FILE = "tests/test_persistence.py"
WITH_FILE, IN_MEMORY = "On an API that keeps its todos in a file", "On one with them in memory"
MEMORY = Replace(
    "todos_app/database.py",
    'create_engine(os.environ.get("DATABASE_URL", "sqlite:///./todos.db"))',
    'create_engine("sqlite://", poolclass=__import__("sqlalchemy").StaticPool, '
    'connect_args={"check_same_thread": False})',
)


test = s.Exercise(
    kind="test",
    file=FILE,
    title="A test that restarts",
    teaches="What is in the file shows after a restart; before that, memory looks the same.",
    task="Write a test in tests/test_persistence.py that pytest can run. It passes on an API that "
    "keeps its todos, and fails on one that does not: where a todo is made, changed or deleted, "
    "and that is not so any more after the server was stopped or killed, and started again. Your "
    "own todos stay as they are. The lab runs it on APIs of its own, right and wrong, in the place "
    "of `todos_app`.",
    hints=(
        "Look at what the first try of `lab run test-1` does between its POST and its GET.",
        "Ask what a process takes with it when it ends, and what it cannot do when it is killed.",
        "Type `subprocess.Popen([sys.executable, '-m', 'uvicorn', 'todos_app.main:app', ...], "
        "cwd=tmp_path)` for a server of the test's own, with PYTHONPATH set to your folder; then "
        "`kill()`, and the same again.",
    ),
    before=(
        s.ShowSource(FILE, FIRST_TRY),
        s.Predict(),
        s.RunTest(FILE, WITH_FILE, source=FIRST_TRY),
        s.RunTest(FILE, IN_MEMORY, (MEMORY,), source=FIRST_TRY),
    ),
    prediction=s.Prediction(
        "This test is run on an API with a file, and on one that keeps its todos in memory. "
        "Where does it fail?",
        of=Seen.tests_failed,
        choices={
            (False, False): "On neither of them",
            (False, True): "On the one that keeps them in memory",
            (True, True): "On both: it takes a real server",
        },
        why="Within one process nobody can tell the two apart.",
    ),
    variants=(
        s.Variant(
            "A server of the test's own, which is killed, stopped and started again.",
            edits=(Patch("test_1_persistence.patch"),),
        ),
    ),
    after=(s.RunTest(FILE, WITH_FILE), s.RunTest(FILE, IN_MEMORY, (MEMORY,))),
)

scenario = s.Scenario("003, Why Data Survives Restart", (test,), topic="durability")
