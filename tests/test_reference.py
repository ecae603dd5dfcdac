"""The reference API, started as a learner starts it and asked over HTTP."""

import ast
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

REFERENCE = Path(__file__).parents[1] / "todos_app"
MAX_LINES = 150


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[httpx.Client]:
    """Serve the copy in the folder. The listening socket is ours, so no request comes too early."""
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with socket.socket() as listener, (folder / "server.log").open("ab") as log:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        # uvicorn cannot tell that the socket is TCP, and would wait 40 ms before a response's body.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = listener.getsockname()[1]
        command = f"-B -m uvicorn todos_app.main:app --fd {listener.fileno()}"
        server = subprocess.Popen(
            [sys.executable, *command.split()],
            cwd=folder,
            env=inherited | environment,
            pass_fds=[listener.fileno()],
            stdout=log,
            stderr=log,
        )
    try:
        # One connection for each request: uvicorn closes the connection after a 500.
        limits = httpx.Limits(max_keepalive_connections=0)
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, limits=limits, timeout=60, trust_env=False) as client:
            yield client
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(REFERENCE, tmp_path / "todos_app", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def api(folder: Path) -> Iterator[httpx.Client]:
    with serving(folder) as client:
        yield client


def create(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    response = api.post("/todos", json={"title": "buy milk"} | fields)
    assert response.status_code == 201, response.text
    todo: dict[str, Any] = response.json()
    return todo


def test_the_whole_app_fits_into_150_lines() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in REFERENCE.rglob("*.py")}
    assert set(lines) == {"__init__.py", "database.py", "main.py", "models.py", "schemas.py"}
    assert sum(lines.values()) <= MAX_LINES, lines


def test_it_imports_only_itself_the_standard_library_and_its_three_frameworks() -> None:
    allowed = sys.stdlib_module_names | {"fastapi", "pydantic", "sqlalchemy"}
    imported = set()
    for path in REFERENCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(str(node.module).partition(".")[0])
    assert {"fastapi", "sqlalchemy"} <= imported
    assert imported <= allowed


def test_a_todo_can_be_created_read_listed_changed_and_deleted(api: httpx.Client) -> None:
    todo = create(api)
    assert set(todo) == {"id", "title", "completed", "created_at"}
    assert (todo["title"], todo["completed"]) == ("buy milk", False)

    path = f"/todos/{todo['id']}"
    assert api.get(path).json() == todo
    assert api.get("/todos").json() == [todo]

    changed = api.put(path, json={"completed": True})
    assert (changed.status_code, changed.json()) == (200, todo | {"completed": True})
    assert api.get(path).json() == changed.json()

    deleted = api.delete(path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert api.get(path).status_code == 404
    assert api.get("/todos").json() == []


def test_every_status_that_it_returns_is_in_its_document(api: httpx.Client) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    path = f"/todos/{create(api)['id']}"
    one, many = "/todos/{todo_id}", "/todos"
    requests: list[tuple[str, str, bytes | None, str, int]] = [
        ("GET", "/todos", None, many, 200),
        ("POST", "/todos", b'{"title": "read"}', many, 201),
        ("POST", "/todos", b'{"title": "\xff"}', many, 400),
        ("POST", "/todos", b"{", many, 422),
        ("GET", path, None, one, 200),
        ("GET", "/todos/99999", None, one, 404),
        ("GET", "/todos/one", None, one, 422),
        ("PUT", path, b'{"title": "write"}', one, 200),
        ("PUT", path, b'{"title": "\xff"}', one, 400),
        ("PUT", "/todos/99999", b"{}", one, 404),
        ("PUT", path, b'{"completed": "perhaps"}', one, 422),
        ("DELETE", path, None, one, 204),
        ("DELETE", path, None, one, 404),
        ("DELETE", "/todos/one", None, one, 422),
    ]
    returned: dict[tuple[str, str], set[str]] = {}
    for method, target, content, template, status in requests:
        headers = {"Content-Type": "application/json"} if content else {}
        response = api.request(method, target, content=content, headers=headers)
        assert response.status_code == status, (method, target, content, response.text)
        returned.setdefault((template, method.lower()), set()).add(str(status))

    documented = {
        (template, method): set(operation["responses"])
        for template, operations in paths.items()
        for method, operation in operations.items()
    }
    assert returned == documented


def test_a_time_carries_its_offset_and_is_the_time_of_creation(api: httpx.Client) -> None:
    todo = create(api)
    created_at = datetime.fromisoformat(todo["created_at"])
    assert created_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(created_at.tzinfo) - created_at) < timedelta(minutes=1)
    assert api.get("/todos").json()[0]["created_at"] == todo["created_at"]


def test_an_id_that_no_column_can_hold_is_refused(api: httpx.Client) -> None:
    for todo_id in (0, -1, 2**31, 2**63, 2**64, 10**30):
        path = f"/todos/{todo_id}"
        responses = [api.get(path), api.put(path, json={}), api.delete(path)]
        assert [response.status_code for response in responses] == [422] * 3, todo_id


def test_a_title_that_cannot_be_stored_is_refused(api: httpx.Client) -> None:
    todo = create(api)
    assert api.post("/todos", json={"title": None}).status_code == 422
    for title in ("", "x" * 201, "nul\0", 7):
        assert api.post("/todos", json={"title": title}).status_code == 422, title
        assert api.put(f"/todos/{todo['id']}", json={"title": title}).status_code == 422, title
    assert api.get("/todos").json() == [todo]


def test_a_title_of_200_characters_of_any_script_comes_back_as_it_was(api: httpx.Client) -> None:
    title = "ü😀日\n" * 50
    assert api.get(f"/todos/{create(api, title=title)['id']}").json()["title"] == title


def test_completed_is_true_or_false_and_nothing_else(api: httpx.Client) -> None:
    todo = create(api)
    for completed in (0, 1, "true", "no", ""):
        body = {"title": "a", "completed": completed}
        assert api.post("/todos", json=body).status_code == 422, completed
        assert api.put(f"/todos/{todo['id']}", json=body).status_code == 422, completed
    assert api.get("/todos").json() == [todo]


def test_completed_cannot_be_null_neither_over_http_nor_in_the_table(
    api: httpx.Client, folder: Path
) -> None:
    todo = create(api, completed=True)
    assert api.post("/todos", json={"title": "a", "completed": None}).status_code == 422
    assert api.put(f"/todos/{todo['id']}", json={"completed": None}).status_code == 422
    assert api.get("/todos").json() == [todo]

    database = sqlite3.connect(folder / "todos.db")
    with pytest.raises(sqlite3.IntegrityError, match=r"NOT NULL.*todos\.completed"):
        database.execute("UPDATE todos SET completed = NULL")
    database.close()


def test_the_id_of_a_deleted_todo_is_not_given_to_another(api: httpx.Client) -> None:
    first = create(api)
    assert api.delete(f"/todos/{first['id']}").status_code == 204
    assert create(api)["id"] > first["id"]


def test_todos_survive_a_restart(folder: Path) -> None:
    with serving(folder) as api:
        kept, gone = create(api, title="kept", completed=True), create(api, title="gone")
        api.delete(f"/todos/{gone['id']}")
    with serving(folder) as api:
        assert api.get("/todos").json() == [kept]
        assert create(api)["id"] > gone["id"]


def test_the_data_is_in_the_current_folder_unless_database_url_says_otherwise(
    folder: Path,
) -> None:
    with serving(folder, DATABASE_URL=f"sqlite:///{folder / 'elsewhere.db'}") as api:
        create(api)
    assert not (folder / "todos.db").exists()
    with serving(folder) as api:
        assert api.get("/todos").json() == []
    assert (folder / "todos.db").exists()


@pytest.mark.long
@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.longest) for seed in (2, 3))]
)
def test_schemathesis_finds_nothing(api: httpx.Client, folder: Path, seed: int) -> None:
    command = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("schemathesis is not installed in this environment: pip install schemathesis")
    options = (
        "--checks all --mode all --phases examples,coverage,fuzzing,stateful --max-examples 100"
        # FastAPI's own 405 names the methods of one function, and not all that the path has.
        " --exclude-checks allow_header_conformance"
        f" --seed {seed} --generation-database none --no-color"
    )
    run = subprocess.run(
        [command, "run", f"{api.base_url}/openapi.json", *options.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=900,
    )
    log = (folder / "server.log").read_text()
    assert run.returncode == 0, run.stdout + run.stderr + log
    assert "5 selected / 5 total" in run.stdout, run.stdout
    assert "Traceback" not in log, log
