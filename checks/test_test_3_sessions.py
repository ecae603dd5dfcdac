"""test-3: a test that fails where a session stays open, and passes where each is closed."""

from lab.codemods import Edit, Replace
from lab.verify.experiments.written_tests import must_fail, must_leave_todos, must_pass
from lab.verify.todos import Todos

FILE = "tests/test_sessions.py"
MAIN, DATABASE = "todos_app/main.py", "todos_app/database.py"
GUARDED = """    try:
        yield db
    finally:
        db.close()  # gives the connection back to the pool, also after an error
"""


def left_open(instead: str) -> tuple[Edit, ...]:
    """Return the edits that keep what is not closed in a list, where no collector finds it.

    A request that finds the pool empty waits for a second, where SQLAlchemy has 30.
    """
    return (
        Replace(DATABASE, '"sqlite:///./todos.db"))', '"sqlite:///./todos.db"), pool_timeout=1)'),
        Replace(DATABASE, "class Base(", "left_open: list[Session] = []\n\n\nclass Base("),
        Replace(DATABASE, GUARDED, instead),
    )


def test_passes_on_a_right_api(fresh: Todos) -> None:
    """Your test passes on an API that closes every session."""
    must_pass(fresh, FILE)


def test_leaves_your_todos_alone(fresh: Todos) -> None:
    """Your test leaves the todos in your own database alone."""
    must_leave_todos(fresh, FILE)


def test_sees_sessions_that_nobody_closes(fresh: Todos) -> None:
    """Your test fails on an API that closes no session."""
    edits = left_open("    left_open.append(db)\n    yield db\n")
    must_fail(fresh, FILE, "that closes no session", *edits)


def test_sees_one_that_a_404_leaves_open(fresh: Todos) -> None:
    """Your test fails on an API that closes no session where it answers 404."""
    after = "    left_open.append(db)\n    yield db\n    left_open.remove(db)\n    db.close()\n"
    must_fail(fresh, FILE, "that leaves the session open with a 404", *left_open(after))


def test_sees_one_endpoint_that_leaves_it_open(fresh: Todos) -> None:
    """Your test fails on an API where PUT alone leaves its session open, and where DELETE does."""
    # One more session, for a commit() would give back the connection of the other one.
    more = "    left_open.append(SessionLocal())\n    left_open[-1].connection()\n"
    endpoints = {
        "PUT": "body: TodoUpdate, db: SessionDep) -> Todo:\n",
        "DELETE": "def delete_todo(todo_id: TodoId, db: SessionDep) -> None:\n",
    }
    for method, head in endpoints.items():
        edits = (
            *left_open(GUARDED + "\n"),
            Replace(MAIN, "SessionDep, engine,", "SessionDep, SessionLocal, engine, left_open,"),
            Replace(MAIN, head, head + more),
        )
        must_fail(fresh, FILE, f"whose {method} leaves its session open", *edits)
