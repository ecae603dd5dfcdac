"""test-1: a test that fails where the API does not keep its todos, and passes where it does."""

from lab.codemods import Replace
from lab.verify.experiments.written_tests import must_fail, must_leave_todos, must_pass
from lab.verify.todos import Todos

FILE = "tests/test_persistence.py"
MAIN, DATABASE = "todos_app/main.py", "todos_app/database.py"
ENGINE = 'create_engine(os.environ.get("DATABASE_URL", "sqlite:///./todos.db"))'
START = "    Base.metadata.create_all(engine)"
CHANGE = "        setattr(todo, name, value)\n    db.commit()"
DELETE = "    db.delete(get_todo(todo_id, db))\n    db.commit()"

# Whatever DATABASE_URL says: PlaceDatabase("memory") would let a test name a file by it.
IN_MEMORY = Replace(
    DATABASE,
    ENGINE,
    """create_engine(
    "sqlite://",
    poolclass=__import__("sqlalchemy").StaticPool,
    connect_args={"check_same_thread": False},
)""",
)
# In memory as well, from a file at the start, into it at a stop: a kill takes what came since.
SAVED_AT_A_STOP = Replace(
    MAIN,
    f"{START}  # only tables that are missing: it never alters one\n    yield\n",
    """    import sqlite3

    memory = engine.raw_connection().driver_connection
    with sqlite3.connect("todos.db") as file:
        file.backup(memory)
    Base.metadata.create_all(engine)
    yield
    with sqlite3.connect("todos.db") as file:
        memory.backup(file)
""",
)


def test_passes_on_a_right_api(fresh: Todos) -> None:
    """Your test passes on an API that keeps its todos."""
    must_pass(fresh, FILE)


def test_leaves_your_todos_alone(fresh: Todos) -> None:
    """Your test leaves the todos in your own database alone."""
    must_leave_todos(fresh, FILE)


def test_sees_todos_in_memory(fresh: Todos) -> None:
    """Your test fails on an API that keeps its todos in memory."""
    must_fail(fresh, FILE, "that keeps its todos in memory", IN_MEMORY)


def test_sees_tables_made_anew(fresh: Todos) -> None:
    """Your test fails on an API that empties its tables whenever it starts."""
    emptied = Replace(MAIN, START, f"    Base.metadata.drop_all(engine)\n{START}")
    must_fail(fresh, FILE, "that drops its tables when it starts", emptied)


def test_sees_a_write_that_waits_for_the_stop(fresh: Todos) -> None:
    """Your test fails on an API that a kill takes todos from, and a stop does not."""
    says = "that writes its todos into the file when it is stopped"
    must_fail(fresh, FILE, says, IN_MEMORY, SAVED_AT_A_STOP)


def test_sees_a_lost_change(fresh: Todos) -> None:
    """Your test fails on an API that answers a PUT and does not keep the change."""
    lost = Replace(MAIN, CHANGE, CHANGE.replace("commit", "flush"))
    must_fail(fresh, FILE, "whose PUT never commits", lost)


def test_sees_a_lost_delete(fresh: Todos) -> None:
    """Your test fails on an API that answers a DELETE and still has the todo."""
    lost = Replace(MAIN, DELETE, DELETE.replace("commit", "flush"))
    must_fail(fresh, FILE, "whose DELETE never commits", lost)
