"""Two verbs for the tests of edits, the samples that they change, and a server to try them on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from lab.codemods import Edit, EditNotApplicable, Project, read_sources

HERE = Path(__file__).resolve().parents[1]
STYLES = HERE / "corpus" / "styles"
REFERENCE = HERE.parent / "todos_app"

SERVE = """
import importlib, socket, sys, uvicorn
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
sys.path.insert(0, "")
app = getattr(importlib.import_module(sys.argv[1]), "app")
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
"""

SINGLE = """\
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import Boolean, Column, String, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

engine = create_engine("sqlite:///./todos.db")
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class Todo(Base):
    __tablename__ = "todos"
    id = Column(String, primary_key=True)
    title = Column(String)
    completed = Column(Boolean, default=False)


class TodoCreate(BaseModel):
    title: str
    completed: bool = False


class TodoResponse(BaseModel):
    id: str
    title: str
    completed: bool


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


app = FastAPI()


@app.get("/todos", response_model=list[TodoResponse])
def list_todos(db: Session = Depends(get_db)):
    return db.query(Todo).all()


@app.get("/todos/{todo_id}", response_model=TodoResponse)
def get_todo(todo_id: str, db: Session = Depends(get_db)):
    return db.get(Todo, todo_id)


@app.post("/todos", response_model=TodoResponse)
def create_todo(body: TodoCreate, db: Session = Depends(get_db)):
    todo = Todo(title=body.title, completed=body.completed)
    db.add(todo)
    db.commit()
    return todo
"""


def sample(*replacements: tuple[str, str]) -> str:
    """Return the single-file app with some of its text replaced, each piece exactly once."""
    text = SINGLE
    for old, new in replacements:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the sample"
        text = text.replace(old, new)
    return text


def style(name: str) -> dict[str, bytes]:
    """Return the sources of a style of the corpus, or of the reference."""
    if name == "reference":
        return {f"todos_app/{path}": text for path, text in read_sources(REFERENCE).items()}
    return read_sources(STYLES / name)


def as_sources(code: str | Mapping[str, str]) -> dict[str, bytes]:
    files = {"main.py": code} if isinstance(code, str) else code
    return {path: text.encode() for path, text in files.items()}


def check_transformed(
    edit: Edit, before: str | Mapping[str, str], *changes: tuple[str, str], file: str = "main.py"
) -> None:
    """Check that the edit replaces these pieces of one file, and changes nothing else."""
    sources = as_sources(before)
    expected = sources[file].decode()
    for old, new in changes:
        assert expected.count(old) == 1, f"{old!r} stands {expected.count(old)} times in {file}"
        expected = expected.replace(old, new)
    after = edit.apply(Project(sources))
    assert after[file].decode() == expected
    assert list(after) == [file]


def check_refused(
    edit: Edit,
    before: str | Mapping[str, str],
    *words: str,
    kind: type[EditNotApplicable] = EditNotApplicable,
) -> None:
    """Check that the edit raises exactly this error, that it says these words and a remedy."""
    with pytest.raises(EditNotApplicable) as raised:
        edit.apply(Project(as_sources(before)))
    assert type(raised.value) is kind, raised.value
    assert all(word in raised.value.message for word in words), raised.value.message
    assert raised.value.remedy.endswith(".")


@contextmanager
def served(sources: Mapping[str, bytes], folder: Path) -> Iterator[httpx.Client]:
    """Serve the app in `sources` from a folder of its own; a client for it."""
    folder.mkdir(exist_ok=True)
    for path, content in sources.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    mains = [path for path in sources if path.endswith(("main.py", "app.py", "api.py"))]
    module = min(mains, key=len).removesuffix(".py").replace("/", ".")
    errors = folder / "server.log"
    with errors.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-B", "-c", SERVE, module],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        try:
            assert process.stdout is not None
            port = process.stdout.readline().decode().strip()
            limits = httpx.Limits(max_keepalive_connections=0)
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}",
                limits=limits,
                timeout=60,
                follow_redirects=True,
                trust_env=False,
            ) as client:
                yield client
        except httpx.TransportError as error:
            raise AssertionError(f"{error}\n{errors.read_text()}") from error
        finally:
            process.kill()
            process.communicate()
