"""alter-5: the class of the todos is a table and a Pydantic model at once."""

from typing import Any

from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_one_class_is_table_and_model(todos: Todos) -> None:
    """The class that is mapped to the table of the todos is a Pydantic model, too."""
    todos.server.start()
    made = todos.create("by the check")
    todos.update(made, completed=True)
    models = todos_models(todos)
    if not models:
        raise CheckFailed(
            expected="a class that is mapped to the table of the todos",
            actual="SQLAlchemy knows of no such class in this app",
            help="Where are the todos kept? With SQLModel it is a class with table=True.",
        )
    for model in models:
        if not model["pydantic"]:
            raise CheckFailed(
                expected=f"one class that is the table {model['table']} and a Pydantic model",
                actual=f"{model['name']} is a table, and no Pydantic model",
                help="From which class does it inherit, and which one makes it both?",
            )


def test_the_todos_are_read_through_it(todos: Todos) -> None:
    """What the API stores is in the table of that class."""
    todos.server.start()
    todos.create("by the check")
    todos.server.settle()
    tables = {model["table"] for model in todos_models(todos) if model["pydantic"]}
    written = [event["sql"] for event in todos.server.events.all("sql")]
    inserts = [sql for sql in written if sql.lstrip().upper().startswith("INSERT")]
    if not any(table in sql for table in tables for sql in inserts):
        raise CheckFailed(
            expected="POST /todos inserts into the table of a class that is a Pydantic model, too",
            actual=inserts[-1].split("(")[0].strip() if inserts else "no INSERT at all",
            help="The class is there. Do the endpoints use it?"
            if tables
            else "There is no such class yet: the other check says more.",
        )


def todos_models(todos: Todos) -> list[dict[str, Any]]:
    """The mapped classes whose table has the columns of a todo."""
    return [
        model
        for model in todos.server.models()
        if {"title", "completed"} <= {column["name"] for column in model["columns"]}
    ]
