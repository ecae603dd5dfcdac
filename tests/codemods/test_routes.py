"""The filter and the count: what becomes of the learner's list, and where it is left alone."""

from __future__ import annotations

import pytest

from lab.codemods import AddCount, AddFilter, AlreadyThere, Project
from tests.support.codemods import as_sources, check_refused, check_transformed, sample, style

HEAD = "def list_todos(db: Session = Depends(get_db)):\n"
LIST = f"{HEAD}    return db.query(Todo).all()\n"
FILTERED_HEAD = HEAD.replace("):\n", ", completed: bool | None = None):\n").replace(
    "Depends(get_db, completed", "Depends(get_db), completed"
)


def filtered(line: str, start: str, name: str, method: str) -> str:
    return (
        f"{FILTERED_HEAD}    {name} = {start}\n"
        f"    if completed is not None:\n"
        f"        {name} = {name}.{method}(Todo.completed == completed)\n"
        f"{line}"
    )


@pytest.mark.parametrize(
    ("before", "after", "start", "name", "method"),
    [
        ("return db.query(Todo).all()", "return query.all()", "db.query(Todo)", "query", "filter"),
        (
            "todos = db.query(Todo).order_by(Todo.id).limit(5).all()\n    return todos",
            "todos = query.order_by(Todo.id).limit(5).all()\n    return todos",
            "db.query(Todo)",
            "query",
            "filter",
        ),
        (
            "return db.scalars(select(Todo).order_by(Todo.id)).all()",
            "return db.scalars(statement.order_by(Todo.id)).all()",
            "select(Todo)",
            "statement",
            "where",
        ),
        (
            "return db.execute(select(Todo)).scalars().all()",
            "return db.execute(statement).scalars().all()",
            "select(Todo)",
            "statement",
            "where",
        ),
        (
            "return (\n        db.query(Todo)  # all\n        .order_by(Todo.id).all()\n    )",
            "return (\n        query  # all\n        .order_by(Todo.id).all()\n    )",
            "db.query(Todo)",
            "query",
            "filter",
        ),
    ],
)
def test_the_list_is_filtered_between_its_query_and_its_answer(
    before: str, after: str, start: str, name: str, method: str
) -> None:
    code = sample((LIST, f"{HEAD}    {before}\n"))
    expected = filtered(f"    {after}\n", start, name, method)
    check_transformed(AddFilter(), code, (f"{HEAD}    {before}\n", expected))


def test_a_name_that_the_function_uses_is_not_used_again() -> None:
    body = "    query = 1\n    return [todo for todo in db.query(Todo)]\n"
    changed = (
        AddFilter().apply(Project(as_sources(sample((LIST, f"{HEAD}{body}")))))["main.py"].decode()
    )
    assert "    todo_query = db.query(Todo)\n    if completed is not None:\n" in changed
    assert "    return [todo for todo in todo_query]\n" in changed


@pytest.mark.parametrize(
    ("line", "method"),
    [("todos = db.query(Todo).order_by(Todo.id)", "filter"), ("todos = select(Todo)", "where")],
)
def test_a_query_with_a_name_is_narrowed_below_its_line(line: str, method: str) -> None:
    narrowed = (
        f"    {line}\n"
        f"    if completed is not None:\n"
        f"        todos = todos.{method}(Todo.completed == completed)\n"
    )
    check_transformed(
        AddFilter(),
        sample((LIST, f"{HEAD}    {line}\n    return db.scalars(todos).all()\n")),
        (HEAD, FILTERED_HEAD),
        (f"    {line}\n", narrowed),
    )


def test_a_limited_query_is_narrowed_before_its_limit() -> None:
    line = "    todos = db.query(Todo).limit(5)\n    return todos.all()\n"
    after = filtered(line.replace("db.query(Todo)", "query"), "db.query(Todo)", "query", "filter")
    check_transformed(AddFilter(), sample((LIST, f"{HEAD}{line}")), (f"{HEAD}{line}", after))


def test_parameters_on_lines_of_their_own_get_a_line_more() -> None:
    head = "def list_todos(\n    db: Session = Depends(get_db),  # the session\n):\n"
    new = head.replace("):\n", "    completed: bool | None = None,\n):\n")
    code = sample((LIST, f"{head}    todos = select(Todo)\n    return db.scalars(todos).all()\n"))
    changed = AddFilter().apply(Project(as_sources(code)))["main.py"].decode()
    assert new in changed


def test_keyword_only_parameters_stay_so() -> None:
    head = "def list_todos(*, db: Session = Depends(get_db)):\n"
    changed = AddFilter().apply(Project(as_sources(sample((HEAD, head)))))["main.py"].decode()
    assert (
        "def list_todos(*, db: Session = Depends(get_db), completed: bool | None = None)" in changed
    )


def test_a_function_that_the_endpoint_calls_gets_the_filter_too() -> None:
    changed = AddFilter().apply(Project(style("routers")))
    assert sorted(changed) == ["app/crud.py", "app/routers/todos.py"]
    assert b"return crud.get_todos(db, completed=completed)" in changed["app/routers/todos.py"]
    assert b"def get_todos(db: Session, completed: bool | None = None):" in changed["app/crud.py"]


@pytest.mark.parametrize(
    "head",
    [
        "def list_todos(completed: bool = False, db: Session = Depends(get_db)):\n",
        'def list_todos(done: bool = Query(alias="completed"), db: Session = Depends(get_db)):\n',
    ],
)
def test_a_filter_by_completed_is_already_there(head: str) -> None:
    check_refused(AddFilter(), sample((HEAD, head)), "list_todos", kind=AlreadyThere)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return db.execute(text('select * from todos')).all()", "No query"),
        ("return db.query(Todo).all() + db.query(Todo).all()", "More than one query"),
        ("return run(lambda: db.query(Todo).all())", "No query"),
        ("completed = 1\n    return db.query(Todo).all()", "completed"),
        ("if db.query(Todo): return []", "no line"),
    ],
)
def test_a_list_that_is_not_understood_is_left_alone(body: str, words: str) -> None:
    code = sample((LIST, f"{HEAD}    {body}\n"))
    check_refused(AddFilter(), code, words, "list_todos in main.py")


def test_a_model_without_completed_is_refused() -> None:
    code = sample(("    completed = Column(Boolean, default=False)\n", ""))
    check_refused(AddFilter(), code, "completed")
    check_refused(AddCount(), code, "completed")


def test_two_lists_are_refused_and_both_named() -> None:
    again = '@app.get("/all", response_model=list[TodoResponse])\n'
    more = f"{again}{LIST.replace('list_todos', 'all_todos')}\n\n"
    more += '@app.post("/all")\ndef more(body: TodoCreate):\n    return Todo()\n\n\n'
    code = sample(('@app.get("/todos",', f'{more}@app.get("/todos",'))
    for edit in (AddFilter(), AddCount()):
        check_refused(edit, code, "list_todos in main.py", "all_todos in main.py")


def test_code_without_endpoints_is_refused() -> None:
    check_refused(AddFilter(), sample().partition("@app.get")[0], "No endpoint")


ITEM = '@app.get("/todos/{todo_id}", response_model=TodoResponse)\n'
COUNT = """\
@app.get("/todos/count")
def count_todos(db: Session = Depends(get_db)):
    total = db.query(Todo).count()
    completed = db.query(Todo).filter(Todo.completed.is_(True)).count()
    return {"total": total, "completed": completed, "pending": total - completed}


"""


def test_the_count_stands_above_the_endpoint_with_an_id() -> None:
    check_transformed(AddCount(), sample(), (ITEM, COUNT + ITEM))


def test_the_count_stands_above_the_id_where_that_comes_first_in_the_file() -> None:
    text = sample()
    first, item = text.index('@app.get("/todos",'), text.index(ITEM)
    end = text.index("@app.post")
    swapped = text[:first] + text[item:end] + text[first:item] + text[end:]
    check_transformed(AddCount(), swapped, (ITEM, COUNT + ITEM))


def test_a_comment_above_the_neighbour_stays_with_it() -> None:
    code = sample((ITEM, f"# One todo.\n{ITEM}"))
    check_transformed(AddCount(), code, (f"# One todo.\n{ITEM}", f"{COUNT}# One todo.\n{ITEM}"))


def test_the_quotes_of_the_path_and_the_tags_are_taken_over() -> None:
    code = sample(('@app.get("/todos", ', "@app.get('/todos/', tags=['todos'], "))
    changed = AddCount().apply(Project(as_sources(code)))["main.py"].decode()
    assert "@app.get('/todos/count', tags=['todos'])\n" in changed


@pytest.mark.parametrize("name", ["reference", "async_", "sqlmodel", "routers"])
def test_a_count_is_added_once(name: str) -> None:
    sources = style(name)
    text = {
        path: code.decode()
        for path, code in {**sources, **AddCount().apply(Project(sources))}.items()
    }
    check_refused(AddCount(), text, "count", kind=AlreadyThere)


def test_the_count_comes_through_the_module_that_holds_the_list() -> None:
    changed = AddCount().apply(Project(style("routers")))
    assert b"    return crud.count_todos(db)\n" in changed["app/routers/todos.py"]
    assert b"from sqlalchemy import func, select\n" in changed["app/crud.py"]


def test_a_helper_that_is_imported_by_name_is_imported() -> None:
    crud = "from models import Todo\n\n\ndef get_todos(db):\n    return db.query(Todo).all()\n"
    text = sample(("db.query(Todo).all()", "get_todos(db)"))
    start, end = text.index("class Todo(Base)"), text.index("class TodoCreate")
    models = text[: text.index("SessionLocal")] + "\n" + text[start:end]
    main = "from models import Todo\nfrom crud import get_todos\n" + text[:start] + text[end:]
    changed = AddCount().apply(
        Project(as_sources({"main.py": main, "crud.py": crud, "models.py": models}))
    )
    assert b"from crud import count_todos, get_todos\n" in changed["main.py"]
    assert (
        b"def get_count(db: Session = Depends(get_db)):\n    return count_todos(db)\n"
        in (changed["main.py"])
    )
    assert b"def count_todos(db):\n    total = db.query(Todo).count()\n" in changed["crud.py"]


def test_a_filter_that_a_client_asks_for_does_not_stand_in_the_way_of_the_count() -> None:
    body = "    q = db.query(Todo)\n    if db:\n        q = q.filter(Todo.id > 1)\n    return q\n"
    code = sample((LIST, f"{HEAD}{body}"))
    check_transformed(AddCount(), code, (ITEM, COUNT + ITEM))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("db.query(Todo).all()", "db.query(Todo).filter(Todo.title > '').all()", "leaves out rows"),
        ("db.query(Todo).all()", "make().query(Todo).all()", "sends its query"),
        ('@app.get("/todos", ', "@app.get(LIST_PATH, ", "not written out"),
    ],
)
def test_a_list_that_shows_no_way_to_count_is_refused(old: str, new: str, words: str) -> None:
    code = sample((old, new), ("app = FastAPI()", 'app = FastAPI()\nLIST_PATH = "/todos"'))
    check_refused(AddCount(), code, words)
