"""alter-5: the class of the todos is a table and a Pydantic model at once."""

import re
from typing import Any

from lab.answers import Todo
from lab.appserver.rows import todo_rows
from lab.appserver.tables import rows_of, table_of
from lab.model import CheckFailed, Exchange
from lab.verify.experiments.moments import FIELD, make_two, moments
from lab.verify.experiments.not_found import BODY, answers
from lab.verify.todos import KEPT, Todos, seen
from lab.workspace import databases

INTO = re.compile(r"""\s*INSERT\b.*?\bINTO\s+["`]?([^\s"`(]+)""", re.IGNORECASE)


def test_one_class_is_table_and_model(running: Todos) -> None:
    """The class that is mapped to the table of the todos is a Pydantic model, too."""
    made = running.create("by the check")
    running.update(made, completed=True)
    models = todos_models(running)
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
    into = {found[1] for sql in inserts if (found := INTO.match(sql))}
    if not tables & into:
        raise CheckFailed(
            expected="POST /todos inserts into the table of a class that is a Pydantic model, too",
            actual=inserts[-1].split("(")[0].strip() if inserts else "no INSERT at all",
            help="The class is there. Do the endpoints use it?"
            if tables
            else "There is no such class yet: the other check says more.",
        )


def test_the_answers_show_the_todo(running: Todos) -> None:
    """POST, PUT and GET answer with what the list has of the todo, and none with nothing at all."""
    answer = running.post("by the check")
    made = running.made(answer)
    shown(running, made, answer)
    running.update(made, title="changed", completed=True)
    shown(running, made, running.server.exchanges[-1])
    if running.can_read_one:
        shown(running, made, running.server.get(f"/todos/{made['id']}"))


def test_a_change_leaves_what_was_not_sent(running: Todos) -> None:
    """A PUT without a title is refused, or changes no field that it was not sent."""
    made = running.create("to be completed")
    # One that puts a whole todo in the place of another refuses the first of these.
    for sent, left in (({"completed": True}, "title"), ({"title": "changed"}, "completed")):
        before = running.present([made])
        if not running.server.put(f"/todos/{made['id']}", sent).ok:
            return
        for was, now in zip(before, running.present([made]), strict=False):
            if now.get(left) != was.get(left):
                raise CheckFailed(
                    expected=f"the todo {made['id']} with {left} = {was.get(left)!r}, after a PUT "
                    f"of {' and '.join(sent)} alone",
                    actual=f"{left} = {now.get(left)!r}",
                    help="Which fields did this client send, and which does your endpoint change?",
                )


def test_the_list_has_every_field(running: Todos) -> None:
    """The list has the fields of a todo that its table has: id, title, completed, created_at."""
    running.create("by the check")
    rows, listed = rows_of(running.server), running.all()
    if not listed:
        raise CheckFailed(
            expected="GET /todos lists the todo that was made",
            actual="the list is empty",
            help="POST /todos answered 2xx, so the todo should be in the list.",
        )
    todo = listed[-1]
    told = {field.replace("_", "").casefold() for field in todo}  # it may say createdAt
    for name in KEPT:
        if rows and name in rows.columns and name.replace("_", "") not in told:
            raise CheckFailed(
                expected=f"{name} in the todos of GET /todos, as the table has it",
                actual=f"{todo}",
                help="A class with table=True has every column. Which class makes the answer, and "
                "what does that one name?",
            )


def test_each_todo_has_its_own_moment(running: Todos) -> None:
    """Two todos that are made one after the other have different moments in created_at."""
    first, second = make_two(running)
    if moments(first.todo) == moments(second.todo):
        raise CheckFailed(
            expected=f"a {FIELD} of its own for each of two todos",
            actual=f"{first.todo[FIELD]} for both",
            help="Field() takes a default, or what makes one for each new object. When is what "
            "yours is given computed?",
        )


def test_the_api_still_gives_the_ids(running: Todos) -> None:
    """A POST that says an id gets a todo of its own, or is refused; the one of this id stays."""
    made = running.create("the first one")
    answer = running.server.post("/todos", {"title": "in its place", "id": made["id"]})
    if answer.status >= 500 or [t.get("title") for t in running.present([made])] != [made["title"]]:
        raise CheckFailed(
            expected=f"a todo of its own, or a 4xx, for a POST that says the id {made['id']}, "
            "which another one has",
            actual=seen(answer),
            help="Which fields may a client give a new todo? A class with table=True has them all.",
        )


def test_what_is_not_there_is_still_not_found(running: Todos) -> None:
    """GET, PUT and DELETE answer 404 for an id that no todo has."""
    can = {
        "GET": running.can_read_one,
        "PUT": running.can_update(title=BODY["title"], completed=BODY["completed"]),
        "DELETE": running.can_delete,
    }
    for answer in answers(running, *(method for method in can if can[method])):
        if answer.status != 404:
            raise CheckFailed(
                expected=f"404 for {answer.method} of a todo that is not there",
                actual=seen(answer),
                help="session.get() finds none and raises nothing: it returns None. What does "
                "your endpoint do with that?",
            )


def test_what_is_no_todo_is_still_refused(running: Todos) -> None:
    """A title that is no text, or none in a POST, gets a 422 as it did before."""
    answers = [
        running.server.post("/todos", wrong)
        for wrong in ({"completed": False}, {"title": None}, {"title": ["a", "list"]})
    ]
    if running.can_update(title="a text"):
        path = f"/todos/{running.create('to be changed')['id']}"
        answers.append(running.server.put(path, {"title": ["a", "list"], "completed": False}))
    for answer in answers:
        if answer.status != 422:
            raise CheckFailed(
                expected=f"422 for {answer.method} {answer.path} with {answer.sent}",
                actual=seen(answer),
                help="What checks a request before the endpoint runs? A class with table=True "
                "takes whatever it is given.",
            )


def test_your_own_database_still_fits(own: Todos) -> None:
    """On the workspace's own database the todos are listed, and one more is made and kept."""
    rows = todo_rows(databases.find(own.server.folder))
    own.server.start()
    listed = own.all()
    if rows and rows.rows and not listed:
        raise CheckFailed(
            expected=f"GET /todos lists the todos of your own database: {len(rows.rows)} rows",
            actual=seen(own.server.exchanges[-1]),
            help="They are in the table that they were in before. Which table does the class name?",
        )
    made = own.create("one more")
    own.server.restart(kill=True)
    help = "It was answered 2xx. Is it in the table of your own database?"
    own.must_have(made, "after SIGKILL and a start", help)


def todos_models(todos: Todos) -> list[dict[str, Any]]:
    """Return the mapped classes whose table has the columns of a todo, or else the todos."""
    models = todos.server.models()
    alike = [m for m in models if {"title", "completed"} <= {c["name"] for c in m["columns"]}]
    found = None if alike else table_of(todos.server)  # an API may have names of its own
    return [m for m in models if found and m["table"] == found[1]] or alike


def shown(todos: Todos, made: Todo, answer: Exchange) -> None:
    """Raise CheckFailed where an answer has another todo than the list, or an empty object.

    Whether a POST or a PUT answers with the todo at all is left open.
    """
    if answer.json == {}:
        raise CheckFailed(
            expected=f"{answer.method} {answer.path} answers with the todo, or with words",
            actual=seen(answer),
            help="After a commit() an object of SQLAlchemy's is empty until it is read again. Who "
            "reads it, before the answer is made: refresh(), or a response_model?",
        )
    told = todos.told(answer) or {}
    for listed in todos.present([made]):
        for name in ("id", "title", "completed"):
            if name in told and told[name] != listed.get(name):
                raise CheckFailed(
                    expected=f"{name} {listed.get(name)!r} in the answer to {answer.method} "
                    f"{answer.path}, as in GET /todos",
                    actual=seen(answer),
                    help="The list has it from the table. From where does this answer have it?",
                )
