"""What an ORM is, and what the session does between your objects and the table."""

from lab.scenario.explanation import Explanation, Option, Question

mapped = Question(
    "mapped",
    "An ORM maps Python to tables. What stands for the table `todos`, for one row, for one column?",
    (
        Option(
            "object",
            "An object, its attributes, and their values",
            "One object is one row. The table is there before any row: the class stands for it.",
        ),
        Option("class", "A class, an object, an attribute"),
        Option(
            "module",
            "The module models.py, a class, an object",
            "A module may hold many models. Each class in it has a table of its own.",
        ),
        Option(
            "session",
            "A session, a query, a result",
            "These are means to reach the data. What they bring back are objects of the class.",
        ),
    ),
    "The class Todo describes the table, each Todo is a row of it, each attribute a column.",
)

sent = Question(
    "sent",
    "`count` is SELECT COUNT on the table. Nothing is committed here. What does this print?",
    (
        Option(
            "at_commit",
            "None\n0\n0",
            "You may have thought that nothing is sent before commit(). But the session sends its "
            "changes (a flush) before each query. With autoflush=False, as some courses write it, "
            "it would not.",
        ),
        Option(
            "at_add",
            "1\n1\n0",
            "You may have thought that add() writes at once. It only notes the object; the "
            "database gives the id, and it has not seen the todo yet.",
        ),
        Option(
            "to_all",
            "None\n1\n1",
            "You may have thought that what is sent is there for all. A flush stays inside its "
            "transaction; other sessions see it after the commit.",
        ),
        Option("own_only", "None\n1\n0"),
    ),
    "add() only notes. The query flushes first, so its own session sees the row; others wait for "
    "commit().",
    code="""\
from sqlalchemy import func, select
from todos_app.database import Base, SessionLocal, engine
from todos_app.models import Todo

Base.metadata.create_all(engine)
count = select(func.count(Todo.id))
db, other = SessionLocal(), SessionLocal()

todo = Todo(title="Buy milk")
db.add(todo)
print(todo.id)
print(db.scalar(count))
print(other.scalar(count))
""",
)

old_table = Question(
    "old_table",
    "The file holds an old table with two columns and one row. The class Todo has four columns. "
    "What does this print?",
    (
        Option(
            "altered",
            "4 columns, 1 rows",
            "You may have thought that create_all() brings a table up to date. It looks only at "
            "whether there is a table of that name. Altering one is the work of a migration.",
        ),
        Option("kept", "2 columns, 1 rows"),
        Option(
            "replaced",
            "4 columns, 0 rows",
            "You may have thought that create_all() makes its tables anew. It never drops one: "
            "that is why it is safe at every start.",
        ),
        Option(
            "refused",
            "OperationalError",
            "You may have thought that create_all() compares and complains. It does not compare; "
            "the error comes later, with the first query.",
        ),
    ),
    "create_all() makes tables that are missing. It neither alters nor wipes one that is there.",
    code="""\
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError
from todos_app.database import Base, engine
from todos_app.models import Todo

with engine.begin() as old:
    old.execute(text("CREATE TABLE todos (id INTEGER, title TEXT)"))
    old.execute(text("INSERT INTO todos VALUES (1, 'Buy milk')"))
try:
    Base.metadata.create_all(engine)
    columns = inspect(engine).get_columns(Todo.__tablename__)
    with engine.connect() as new:
        rows = new.scalar(text("SELECT COUNT(*) FROM todos"))
    print(len(columns), "columns,", rows, "rows")
except OperationalError:
    print("OperationalError")
""",
)

engine = Question(
    "engine",
    "An engine without `check_same_thread=False`, and its connection used in another thread. "
    "What does this print?",
    (
        Option(
            "eager",
            "True\n1",
            "You may have thought that create_engine() opens the file. An engine only knows the "
            "way; the file comes with the first connection.",
        ),
        Option("lazy", "False\n1"),
        Option(
            "one_thread",
            "False\nProgrammingError",
            "You may have thought that without that option SQLite refuses other threads. Many "
            "courses say so; SQLAlchemy 2 sets it by itself for a database in a file.",
        ),
        Option(
            "eager_one_thread",
            "True\nProgrammingError",
            "You may have thought that create_engine() opens the file, and that SQLite refuses "
            "other threads. An engine waits until it is used, and SQLAlchemy 2 sets the option by "
            "itself.",
        ),
    ),
    "The engine opens nothing until a connection is needed. For a file it lets threads share one.",
    code="""\
from pathlib import Path
from threading import Thread
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

engine = create_engine("sqlite:///./new.db")
print(Path("new.db").exists())
connection = engine.connect()

def ask():
    try:
        print(connection.scalar(text("SELECT 1")))
    except ProgrammingError:
        print("ProgrammingError")

thread = Thread(target=ask)
thread.start()
thread.join()
""",
)

scenario = Explanation(
    title="What an ORM is",
    teaches="A class stands for a table; the session carries your objects to it.",
    task="Answer four questions about classes, tables and the session. Then say in your own words "
    "what an ORM is.",
    hints=(
        "Look at todos_app/models.py beside what `sqlite3 todos.db .schema` shows.",
        "Ask of each line: is this Python only, or does the database hear of it? And when?",
        "Type `lab explain explain-1`. In your answer, name table, row and column, and say what "
        "each one is in Python.",
    ),
    source="004, Explain it 1",
    asks="What is an ORM, and how does the class `Todo` relate to a table?",
    questions=(mapped, sent, old_table, engine),
    model_answer="An ORM (object-relational mapper) translates between Python objects and rows, so "
    "that I write Python and it writes the SQL. The class Todo describes the table todos: each "
    "attribute is a column, each object a row. Nothing is stored when I make an object: the "
    "session sends it as an INSERT, and commit() makes that last.",
    rubric=(
        "You said that an ORM translates between objects in Python and rows in a database.",
        "You named the pairs: class and table, object and row, attribute and column.",
        "You said that making an object stores nothing, and what does.",
    ),
)
