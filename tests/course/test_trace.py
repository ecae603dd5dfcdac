"""`lab trace`: one request as a timeline, on apps of four kinds and on what is broken in them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from lab.appserver.launchers import Launcher
from lab.course.trace import Kind, Trace, request_of, trace
from lab.model import AppFailed, UsageError
from lab.terminal.trace import as_json, show
from lab.workspace.store import capture
from lab.workspace.workspace import Workspace

STYLES = Path(__file__).parents[1] / "corpus" / "styles"
TITLE = '{"title": "Buy milk"}'
BROKEN = """def get_db() -> Session:
    return SessionLocal()
"""
TOO_EARLY = """def get_db() -> Session:
    db = SessionLocal()
    try:
        return db
    finally:
        db.close()
"""
NO_FINALLY = """def get_db() -> Iterator[Session]:
    db = SessionLocal()
    yield db
    db.close()
"""


def with_get_db(folder: Path, source: str) -> Workspace:
    """The reference with another get_db()."""
    file = folder / "todos_app" / "database.py"
    text = file.read_text()
    before, rest = text.split("def get_db()")
    file.write_text(before + source + "\n\n" + rest[rest.index("SessionDep") :])
    return Workspace.read_only(folder, "todos_app.main:app")


def kinds(trace: Trace) -> list[str]:
    return [step.kind for step in trace.steps]


def printed(trace: Trace, width: int = 80) -> str:
    stream = io.StringIO()
    show(Console(file=stream, width=width), trace)
    return stream.getvalue()


CREATE = [
    "request", "entered", "session_opened", "flush", "checkout", "sql", "commit", "checkin",
    "checkout", "sql", "response", "rollback", "checkin", "session_closed", "done",
]  # fmt: skip


def test_the_reference_closes_its_session_after_the_response(
    reference: Path, each_launcher: Launcher
) -> None:
    found = trace(Workspace.read_only(reference), each_launcher, "POST", "/todos", TITLE)
    assert found.app == "todos_app.main:app"
    assert found.exchange.status == 201
    assert kinds(found) == CREATE
    assert found.missing == ()
    assert found.closed_after is not None
    assert found.closed_after > 0
    times = [step.at for step in found.steps]
    assert times == sorted(times)
    assert times[0] == 0
    entered, opened, insert = found.steps[1], found.steps[2], found.steps[5]
    assert entered.frame is not None
    assert (entered.frame.file, entered.frame.function) == ("todos_app/database.py", "get_db")
    assert entered.frame.text.startswith("def get_db()")
    assert entered.yields is True
    assert opened.frame is not None
    assert opened.frame.text == "db = SessionLocal()"
    assert opened.frame.line > entered.frame.line
    assert insert.text is not None
    assert insert.text.startswith("INSERT INTO todos")
    assert insert.values is not None
    assert "'Buy milk'" in insert.values
    assert insert.took is not None
    assert 0 < insert.took < 1000
    assert insert.frame is not None
    assert insert.frame.function == "create_todo"


def test_a_returned_session_is_never_closed_and_its_connection_never_comes_back(
    reference: Path, launcher: Launcher
) -> None:
    found = trace(with_get_db(reference, BROKEN), launcher, "POST", "/todos", TITLE)
    assert found.exchange.status == 201
    assert kinds(found) == [*CREATE[:11], "done"]
    session, connection = found.missing
    assert (session.what, connection.what) == ("session", "connection")
    assert session.opened.frame is not None
    assert session.opened.frame.text == "return SessionLocal()"
    assert session.entered is not None
    assert session.entered.yields is False
    assert connection.opened.frame is not None
    assert connection.opened.frame.text.startswith("db.refresh(todo)")
    text = printed(found)
    assert "never  session     closed" in text
    assert "never  connection  back" in text
    assert "get_db() has no `yield`" in text


def test_a_session_that_is_closed_too_early_opens_itself_again(
    reference: Path, launcher: Launcher
) -> None:
    found = trace(with_get_db(reference, TOO_EARLY), launcher, "GET", "/todos")
    assert kinds(found) == [
        "request", "entered", "session_opened", "session_closed", "checkout", "sql", "response",
        "done",
    ]  # fmt: skip
    assert [missing.what for missing in found.missing] == ["connection"]
    assert "The session was closed, then used again" in printed(found)


def test_without_finally_only_an_error_keeps_the_connection(
    reference: Path, launcher: Launcher
) -> None:
    workspace = with_get_db(reference, NO_FINALLY)
    assert trace(workspace, launcher, "GET", "/todos").missing == ()
    found = trace(workspace, launcher, "GET", "/todos/7")
    assert found.exchange.status == 404
    assert [missing.what for missing in found.missing] == ["session", "connection"]
    assert "get_db() has a `yield`, but no line behind it" in printed(found)


def test_an_async_app_is_traced_to_its_own_lines(launcher: Launcher) -> None:
    pytest.importorskip("aiosqlite")
    found = trace(Workspace.read_only(STYLES / "async_"), launcher, "POST", "/todos", TITLE)
    assert kinds(found) == [*CREATE[:8], "response", "session_closed", "done"]
    assert found.missing == ()
    frames = {step.kind: step.frame for step in found.steps}
    entered, sql = frames[Kind.ENTERED], frames[Kind.SQL]
    assert entered is not None
    assert entered.function == "get_session"
    assert sql is not None
    assert sql.text == "await session.commit()"
    assert found.steps[1].yields is True


def test_a_sqlmodel_app_is_traced_and_its_redirect_is_shown(launcher: Launcher) -> None:
    pytest.importorskip("sqlmodel")
    found = trace(Workspace.read_only(STYLES / "sqlmodel"), launcher, "POST", "/todos", TITLE)
    assert found.exchange.status == 200
    assert kinds(found) == ["request", "response", "done", *CREATE]
    assert [step.text for step in found.steps if step.kind is Kind.REQUEST] == [
        "POST /todos",
        "POST /todos/",
    ]
    assert found.missing == ()
    assert found.closed_after is not None
    assert found.closed_after > 0


# -- requests that fail -----------------------------------------------------------------------


def test_a_404_closes_the_session_before_the_response(reference: Path, launcher: Launcher) -> None:
    found = trace(Workspace.read_only(reference), launcher, "GET", "/todos/7")
    assert found.exchange.status == 404
    assert found.closed_after is not None
    assert found.closed_after < 0
    assert found.missing == ()
    assert "before the response went out" in printed(found)


def test_a_422_has_the_session_open_and_never_used(reference: Path, launcher: Launcher) -> None:
    found = trace(Workspace.read_only(reference), launcher, "POST", "/todos", "{}")
    assert found.exchange.status == 422
    assert not {Kind.CHECKOUT, Kind.SQL} & set(kinds(found))
    assert found.missing == ()
    said = " ".join(printed(found).split())
    assert "The endpoint did not run: FastAPI refused the request." in said


def test_a_500_shows_the_databases_error_and_the_line(reference: Path, launcher: Launcher) -> None:
    main = reference / "todos_app" / "main.py"
    main.write_text(main.read_text().replace("db.add(todo)", "todo.title = None; db.add(todo)"))
    found = trace(Workspace.read_only(reference), launcher, "POST", "/todos", TITLE)
    assert found.exchange.status == 500
    error, done = found.first(Kind.DATABASE_ERROR), found.last(Kind.DONE)
    assert error is not None
    assert error.crash is not None
    assert "NOT NULL constraint failed" in error.crash.message
    assert done is not None
    assert done.crash is not None
    assert done.crash.frame is not None
    assert done.crash.frame.function == "create_todo"
    assert found.missing == ()


def test_an_app_without_a_database_has_a_short_timeline(
    app: Callable[[str], Path], launcher: Launcher
) -> None:
    folder = app("from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef f(): return 1\n")
    found = trace(Workspace.read_only(folder), launcher, "GET", "/")
    assert kinds(found) == ["request", "response", "done"]
    assert "opened no session" in printed(found)


def test_a_session_from_before_the_request_is_no_session_of_its_own(
    reference: Path, launcher: Launcher
) -> None:
    workspace = with_get_db(reference, "DB = SessionLocal()\n\n\ndef get_db():\n    return DB\n")
    found = trace(workspace, launcher, "GET", "/todos")
    assert found.first(Kind.SESSION_OPENED) is None
    assert [missing.what for missing in found.missing] == ["connection"]


# -- what it must not do ----------------------------------------------------------------------


def test_nothing_in_the_workspace_changes(reference: Path, launcher: Launcher) -> None:
    workspace = Workspace.read_only(reference)
    (reference / "todos.db").touch()
    before = capture(reference)
    assert trace(workspace, launcher, "POST", "/todos", TITLE).exchange.status == 201
    assert capture(reference) == before
    assert sorted(path.name for path in reference.iterdir()) == ["todos.db", "todos_app"]
    assert trace(workspace, launcher, "GET", "/todos").exchange.json == []


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("GOT", "/todos", None, "GOT is no HTTP method"),
        ("GET", "todos", None, "todos is no path"),
        ("GET", "http://127.0.0.1/todos", None, "is no path"),
        ("GET", "//elsewhere/todos", None, "is no path"),
        ("GET", "/to dos", None, "cannot stand in a path"),
        ("GET", "/todos\n", None, "cannot stand in a path"),
        ("GET", f"/{'x' * 70_000}", None, "longer than a request can hold"),
        ("POST", "/todos", "{'title': 'x'}", "The body is no JSON: Expecting property name"),
        ("POST", "/todos", "", "The body is no JSON"),
        ("POST", "/todos", '{"title": NaN}', "NaN is not part of JSON"),
        ("POST", "/todos", '"\\ud800"', "The body is no JSON"),
        ("POST", "/todos", "[" * 100_000, "The body is no JSON"),
        ("POST", "/todos", "null", "`null` is no body"),
    ],
)
def test_a_request_that_cannot_be_sent_is_a_usage_error(
    method: str, path: str, body: str | None, words: str
) -> None:
    with pytest.raises(UsageError) as raised:
        request_of(method, path, body)
    assert words in raised.value.message
    assert raised.value.exit_code == 2
    assert raised.value.remedy


def test_a_method_may_be_typed_in_small_letters() -> None:
    assert request_of("post", "/todos?a=1", TITLE) == ("POST", "/todos?a=1", json.loads(TITLE))


def test_an_app_that_does_not_start_is_named_with_its_line(
    app: Callable[[str], Path], launcher: Launcher
) -> None:
    with pytest.raises(AppFailed, match=r"main.py:1"):
        trace(Workspace.read_only(app("import nothing_of_this_name\n")), launcher, "GET", "/")


# -- what is shown ----------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 50, 120])
def test_the_timeline_fits_the_terminal(reference: Path, launcher: Launcher, width: int) -> None:
    found = trace(Workspace.read_only(reference), launcher, "POST", "/todos", TITLE)
    text = printed(found, width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert text.index("201 Created") < text.index("closed by get_db()")
    assert "what stands behind the `yield` in get_db()" in " ".join(text.split())
    assert "\x1b" not in text


def test_the_json_document_has_every_step(reference: Path, launcher: Launcher) -> None:
    found = trace(with_get_db(reference, BROKEN), launcher, "POST", "/todos", TITLE)
    document = json.loads(json.dumps(as_json(found)))
    assert document["request"] == {"method": "POST", "path": "/todos", "body": json.loads(TITLE)}
    assert document["response"]["status"] == 201
    assert document["closed_after_response_ms"] is None
    assert [step["kind"] for step in document["steps"]] == kinds(found)
    assert [missing["what"] for missing in document["missing"]] == ["session", "connection"]
    assert document["missing"][0]["by"]["yields"] is False
    assert document["missing"][0]["where"]["function"] == "get_db"
