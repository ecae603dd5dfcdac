"""Where a project that was adopted has its todos: found, and asked there by all exercises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Host

from lab.appserver.discovery.documented import Documented
from lab.appserver.discovery.openapi import Document
from lab.appserver.discovery.todo_fields import values_of
from lab.appserver.discovery.todo_list import Several, closed, pages_in, read, unasked
from lab.appserver.launchers import Launcher
from lab.child.documents import documents
from lab.course import init, progress
from lab.course.trace import trace
from lab.model import Verdict
from lab.scenario import events as e
from lab.verify.drift import measure
from lab.verify.runner import judge
from lab.workspace.operations import Form, new_id
from lab.workspace.resource import Resource
from lab.workspace.workspace import Workspace
from tests.support.play import STYLES, Player, of, statuses

SINGLE = (STYLES / "single" / "main.py").read_text("utf-8")
MOUNTED = """
from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
import single

site = FastAPI()

@site.get("/health")
def health():
    return "well"

site.mount("/api", single.app)
app = GZipMiddleware(site)
"""
PROJECTS = {
    "a prefix, and a document elsewhere": (
        "/api/v1/todos",
        {
            "main.py": SINGLE.replace('"/todos', '"/api/v1/todos').replace(
                "FastAPI()", "FastAPI(openapi_url='/api/v1/openapi.json')"
            )
        },
    ),
    "tasks, with a slash, as in the course's note": (
        "/tasks/",
        {"main.py": SINGLE.replace('"/todos"', '"/tasks/"').replace('"/todos', '"/tasks')},
    ),
    "no redirects from /todos to /todos/": (
        "/todos/",
        {
            "main.py": SINGLE.replace('"/todos"', '"/todos/"').replace(
                "FastAPI()", "FastAPI(redirect_slashes=False)"
            )
        },
    ),
    "an app that is mounted in another": (
        "/api/todos",
        {"main.py": MOUNTED, "single.py": SINGLE},
    ),
}


def adopted(folder: Path, files: dict[str, str], launcher: Launcher) -> Workspace:
    source = folder / "theirs"
    source.mkdir()
    for name, text in files.items():
        (source / name).write_text(text, "utf-8")
    return init.adopted(source, folder / "mine", "main:app", launcher)


@pytest.mark.long
@pytest.mark.parametrize("kind", PROJECTS)
def test_todos_are_found_where_a_project_has_them(
    tmp_path: Path, launcher: Launcher, run: Player, kind: str
) -> None:
    path, files = PROJECTS[kind]
    made = adopted(tmp_path, files, launcher)
    assert made.todos == path == Workspace.open(made.folder).todos
    assert path in made.notices[-1]
    _, results = judge(made, ["persist", "alter-1"], launcher)
    assert [result.verdict for result in results] == [Verdict.PASSED, Verdict.FAILED]
    assert path.rstrip("/") in (results[1].checks[0].expected or "")

    assert f"GET {path.rstrip('/')}/count" in progress.exercise(made, "alter-3").task
    drift = measure(made, launcher)
    assert drift and {layer.says("title") for layer in drift.layers} == {"yes"}

    events = run("break-3", made)
    assert not of(events, e.Unexpected)
    assert of(events, e.ConnectionsCounted)[0].request == f"GET {path.rstrip('/')}"
    _, [fixed] = judge(made, ["fix-3"], launcher)
    assert fixed.verdict is Verdict.FAILED
    assert trace(made, launcher, "GET", path).exchange.ok


def test_what_todos_are_below_is_made_wherever_a_database_is_new(
    tmp_path: Path, launcher: Launcher, run: Player
) -> None:
    style = STYLES / "public_items_of_lists"
    files = {path.name: path.read_text("utf-8") for path in style.iterdir() if path.is_file()}
    made = adopted(tmp_path, files, launcher)
    assert made.todos == "/lists/{list_id}/items" == Workspace.open(made.folder).todos
    assert set(statuses(run("persist", made))) == {200, 201}


def test_todos_that_move_away_later_are_not_judged(tmp_path: Path, launcher: Launcher) -> None:
    _, files = PROJECTS["a prefix, and a document elsewhere"]
    made = adopted(tmp_path, files, launcher)
    (made.folder / "main.py").write_text(SINGLE, "utf-8")
    _, [result] = judge(made, ["persist"], launcher)
    assert result.verdict is Verdict.NOT_APPLICABLE
    assert "/todos" in (result.checks[0].actual or "")


def test_a_read_only_folder_is_judged_where_it_has_its_todos(
    tmp_path: Path, launcher: Launcher
) -> None:
    (tmp_path / "main.py").write_text(SINGLE.replace('"/todos', '"/todos/todos'), "utf-8")
    _, [result] = judge(Workspace.read_only(tmp_path, "main:app"), ["persist"], launcher)
    assert result.verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("todos", "said", "real"),
    [
        ("/todos", "/todos?completed=true", "/todos?completed=true"),
        ("/api/todos", "/todos?completed=true", "/api/todos?completed=true"),
        ("/api/todos", "/todos/1", "/api/todos/1"),
        ("/api/todos", "/users", "/api/users"),
        ("/api/todos", "/api/todos/1", "/api/todos/1"),
        ("/api/todos", "/health", "/health"),
        ("/tasks/", "/todos", "/tasks/"),
        ("/tasks/", "/todos?completed=true", "/tasks/?completed=true"),
        ("/tasks/", "/todos/count", "/tasks/count"),
        ("/tasks/", "/todosomething", "/todosomething"),
    ],
)
def test_a_path_has_its_place_in_the_app(todos: str, said: str, real: str) -> None:
    assert Resource.at(todos).own_path(said) == real


def test_a_text_names_the_apps_own_paths() -> None:
    address = Resource.at("/tasks/")
    assert address.in_words("GET /todos/1, then POST /todos.") == "GET /tasks/1, then POST /tasks."
    as_it_is = "GET /api/todos reads sqlite:///./todos.db and ./todos.db"
    assert address.in_words(as_it_is) == as_it_is


def test_documents_are_looked_for_in_whatever_an_app_is_made_of() -> None:
    class Around:
        def __init__(self, app: Any) -> None:
            self.app = app

        @property
        def routes(self) -> object:
            raise RuntimeError

    inner, outer = FastAPI(openapi_url="/schema"), FastAPI(openapi_url=None)
    around: Any = Around(inner)
    outer.mount("/api", around)
    outer.mount("/again", outer)
    outer.routes.append(Host("todos.example", inner))
    assert documents(Around(outer)) == [("/api", "/api/schema")]
    circle = Around(None)
    circle.app = circle
    assert documents(circle) == documents(print) == documents(None) == []


def described(*paths: str, fields: tuple[str, ...] = ("title", "completed")) -> Document:
    """A document in which each path lists and makes what has these fields."""
    schema: dict[str, object] = {"properties": {name: {} for name in fields}}
    content = {"content": {"application/json": {"schema": schema}}}
    post = {"requestBody": content, "responses": {"201": content}}
    return Document({"paths": {path: {"get": {}, "post": post} for path in paths}})


@pytest.mark.parametrize(
    ("documents", "found"),
    [
        ((described("/v1/todos", "/v1/users"),), "/v1/todos"),
        ((described("/v1/todos", "/v2/todos"),), ("/v1/todos", "/v2/todos")),
        ((described("/notes", fields=("title", "text")), described("/tasks")), "/tasks"),
        ((described("/tasks", "/tasks/"),), "/tasks"),
        ((described("/tasks", "/chores"),), ("/tasks", "/chores")),
        ((described("/notes", fields=("title", "text")),), "/notes"),  # all that there is
        ((described("/notes", "/books", fields=("title", "text")),), None),
        ((Document(), Document({"paths": [1]}), Document({"paths": {"/todos": 3}})), None),
    ],
)
def test_one_collection_must_be_meant(documents: tuple[Document, ...], found: object) -> None:
    match read(documents):
        case Several(paths):
            assert paths == found
        case Documented(resource):
            assert resource.todos == found
        case None:
            assert found is None


def test_a_moment_is_a_state_and_what_takes_an_html_form_is_named() -> None:
    moment = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
    taken = {"schema": {"properties": {"taskName": {"type": "string"}}}}
    given = {"schema": {"properties": {"taskName": {}, "completed_at": moment}}}
    answers = {"200": {"content": {"application/json": given}}}
    body = {"requestBody": {"content": {"application/json": taken}}, "responses": answers}
    paths = {
        "/tasks": {"get": {"responses": answers}, "post": body},
        "/tasks/{id}/done": {"put": {}},
    }
    found = read([Document({"paths": paths})])
    assert isinstance(found, Documented)
    resource = found.resource
    assert (resource.title, resource.completed) == ("taskName", "completed_at")
    told = [{"taskName": "a", "completed_at": at} for at in ("2026-11-29T01:02:03", None)]
    assert [todo["completed"] for todo in resource.said_in(told)] == [True, False]


def test_what_a_list_must_have_in_its_query_goes_into_every_request_that_takes_it() -> None:
    owner = {"name": "owner", "in": "query", "required": True, "schema": {"type": "string"}}
    page = {"name": "limit", "in": "query", "required": True, "schema": {"maximum": 50}}
    fields = {"title": {"type": "string"}, "owner": {"type": "string"}}
    taken = {"schema": {"type": "object", "properties": fields}}
    paths = {
        "/todos": {
            "get": {"parameters": [owner, page]},
            "post": {"requestBody": {"content": {"application/x-www-form-urlencoded": taken}}},
        },
        "/todos/{id}": {"delete": {"parameters": [owner]}},
    }
    found = read([Document({"paths": paths})])
    assert isinstance(found, Documented)
    own = found.resource.own_request
    whose = "owner=owner+of+the+check"
    assert own(("GET", "/todos", None))[1] == f"/todos?{whose}&limit=50"
    assert own(("DELETE", "/todos/7", None))[1] == f"/todos/7?{whose}"
    body = own(("POST", "/todos", {"title": "a"}))[2]
    assert body == {"title": "a", "owner": "owner of the check"}
    assert isinstance(body, Form)


def test_a_list_is_asked_for_with_all_that_is_in_it() -> None:
    asked = {"show_done": False, "include_deleted": False, "page[size]": 10, "max_results": 200}
    query = [{"name": n, "in": "query", "schema": {"default": d}} for n, d in asked.items()]
    post = posting(title="string", done="boolean")
    found = read([Document({"paths": {"/todos": {"get": {"parameters": query}, **post}}})])
    assert isinstance(found, Documented)
    assert found.resource.list_query == {"show_done": "true", "page[size]": 100}


def test_a_list_that_is_a_page_or_wants_a_header_is_named() -> None:
    page: dict[str, Any] = {"responses": {"200": {"content": {"text/html": {}}}}}
    secret = {"parameters": [{"name": "X-Secret", "in": "header", "required": True}]}
    documents = [Document({"paths": {"/": {"get": page}, "/todos": {"get": secret}}})]
    assert pages_in(documents) == ["GET /"]
    assert unasked(documents, "/todos") == ["X-Secret"]
    assert closed(documents) == ["GET /todos, which must have X-Secret"]


def posting(**fields: str) -> dict[str, object]:
    named = {name: {"type": kind} for name, kind in fields.items()}
    schema = {"properties": named, "required": list(fields)}
    return {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}


def test_of_texts_with_names_that_nobody_knows_the_first_is_meant() -> None:
    paths = {
        "/signup": posting(name="string", password="string"),
        "/": {"get": {}, **posting(what="string", where="string")},
        "/{id}/toggle": {"post": {}},
    }
    found = read([Document({"paths": paths})])
    assert isinstance(found, Documented)
    assert (found.resource.todos, found.resource.title) == ("/", "what")


def test_what_takes_a_list_changes_nothing_that_the_lab_knows() -> None:
    fields = {"title": {"type": "string"}, "done": {"type": "boolean"}}
    maker = {"schema": {"properties": fields, "required": ["title"]}}
    for kind, schema in (
        ("application/json", {"type": "array", "items": {"type": "object"}}),
        ("application/json-patch+json", {}),
    ):
        post = {"requestBody": {"content": {"application/json": maker}}}
        patch = {"requestBody": {"content": {kind: {"schema": schema}}}}
        paths = {"/todos": {"get": {}, "post": post}, "/todos/{id}": {"patch": patch}}
        found = read([Document({"paths": paths})])
        assert isinstance(found, Documented)
        assert not found.resource.can_change(title="a")
        assert not found.resource.can_change(completed=True)


def test_what_asks_for_the_id_of_one_does_not_make_it() -> None:
    paths = {
        "/commands/open-task": posting(title="string"),
        "/commands/rename-task": posting(task_id="string", title="string"),
        "/queries/tasks": {"get": {}},
    }
    found = read([Document({"paths": paths})])
    assert isinstance(found, Documented)
    assert found.resource.create.path == "/commands/open-task"


def test_an_id_of_the_clients_begins_as_the_example_does() -> None:
    ids = [str(new_id("learner", f"todo {number}")) for number in range(50)]
    assert len(set(ids)) == 50
    assert {each[0] for each in ids} == {"l"}


def test_of_words_that_nobody_knows_another_than_the_default_is_for_what_is_done() -> None:
    words = {"enum": ["yes", "no"], "type": "string"}
    assert values_of({**words, "default": "no"}, Document()) == ("yes", "no")
