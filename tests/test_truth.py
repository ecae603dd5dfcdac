"""What the texts of the lab say about behaviour, run on the installed versions.

Each test is named by its claim. Where one fails, a text of the lab is no longer true: mend the
text, or say in the test from which version on it holds.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import py_compile
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi import FastAPI
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import (
    InvalidRequestError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    sessionmaker,
)
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.pool import QueuePool, StaticPool
from sqlalchemy.schema import CreateTable

from lab.appserver.launchers import Launcher
from lab.appserver.server import LOCK, Server
from lab.model import Exchange

# `.ci/run` has them, on the newest versions and on the oldest.
pytestmark = pytest.mark.long

APP = """\
from contextlib import asynccontextmanager
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import StaticPool

engine = create_engine("sqlite:///./todos.db")
SessionLocal = sessionmaker(bind=engine)

class Base(DeclarativeBase):
    pass

def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()

class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)

class TodoCreate(BaseModel):
    title: str | None
    completed: bool = False

class TodoResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str
    completed: bool

@asynccontextmanager
async def lifespan(app):
    Base.metadata.create_all(engine)
    yield

app = FastAPI(lifespan=lifespan)

@app.get("/todos", response_model=list[TodoResponse])
def list_todos(db: Session = Depends(get_db)):
    return db.scalars(select(Todo)).all()

@app.get("/todos/{todo_id}", response_model=TodoResponse)
def get_todo(todo_id: int, db: Session = Depends(get_db)):
    todo = db.get(Todo, todo_id)
    if todo is None:
        raise HTTPException(404)
    return todo

@app.post("/todos", response_model=TodoResponse, status_code=201)
def create_todo(body: TodoCreate, db: Session = Depends(get_db)):
    todo = Todo(**body.model_dump())
    db.add(todo)
    db.commit()
    db.refresh(todo)
    return todo

@app.delete("/todos/{todo_id}", status_code=204)
def delete_todo(todo_id: int, db: Session = Depends(get_db)):
    db.delete(get_todo(todo_id, db))
    db.commit()
"""
WAL = """
@event.listens_for(engine, "connect")
def write_ahead(connection, record):
    connection.execute("PRAGMA journal_mode=WAL")
"""
LENDING = "    try:\n        yield db\n    finally:\n        db.close()\n"
MILK = {"title": "Buy milk"}
Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path, launcher: Launcher) -> Iterator[Serve]:
    """Starts the app with some of its text replaced; again on the same folder where it ran."""
    servers: list[Server] = []

    def serve(*changes: tuple[str, str], add: str = "", **given: bool | float) -> Server:
        source = APP
        for old, new in changes:
            assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times in the app"
            source = source.replace(old, new)
        folder = tmp_path / "app"
        folder.mkdir(exist_ok=True)
        (folder / "main.py").write_text(source + add, "utf-8")
        if servers:
            servers.pop().kill()
        servers.append(Server(folder, launcher, "main:app", **given))  # type: ignore[arg-type]
        servers[0].start()
        return servers[0]

    yield serve
    for server in servers:
        server.kill()


def crash(answer: Exchange) -> str:
    """The error behind a 500."""
    assert answer.status == 500, answer
    assert answer.crash, "the server reported no error"
    return f"{answer.crash.kind}: {answer.crash.message}"


def at_least(package: str, wanted: str) -> bool:
    """Whether the installed version is this one or a later one."""
    have = [int(part) for part in version(package).split(".")[:2]]
    return have >= [int(part) for part in wanted.split(".")]


# -- the documented breaks -------------------------------------------------------------------


def test_a_deleted_database_is_read_on_and_cannot_be_written_and_comes_back_empty(
    serve: Serve,
) -> None:
    server = serve()
    server.post("/todos", MILK)
    assert server.delete_databases() == ["todos.db"]
    assert len(server.get("/todos").json) == 1
    assert "attempt to write a readonly database" in crash(server.post("/todos", MILK))
    assert not (server.folder / "todos.db").exists()
    server.restart()
    assert server.get("/todos").json == []


def test_a_deleted_database_with_a_write_ahead_log_takes_writes_and_loses_them(
    serve: Serve,
) -> None:
    server = serve(add=WAL)
    server.post("/todos", MILK)
    server.delete_databases()
    assert server.post("/todos", MILK).status == 201
    assert len(server.get("/todos").json) == 2
    assert not list(server.folder.glob("todos.db*"))
    server.restart()
    assert server.get("/todos").json == []


def test_a_database_deleted_before_the_first_request_comes_back_with_a_restart(
    serve: Serve,
) -> None:
    server = serve()
    server.delete_databases()
    assert server.post("/todos", MILK).status == 500
    server.restart()
    assert server.post("/todos", MILK).status == 201


def test_a_column_that_the_table_lacks_fails_reads_and_writes_and_create_all_says_nothing(
    serve: Serve,
) -> None:
    serve().post("/todos", MILK)
    column = "    title: Mapped[str]\n    priority: Mapped[int] = mapped_column(default=0)\n"
    server = serve(
        ("    title: Mapped[str]\n", column),
        add="\n@app.get('/count')\ndef count(db: Session = Depends(get_db)):\n"
        "    return db.scalar(select(func.count(Todo.id)))\n",
    )
    assert "no such column: todos.priority" in crash(server.get("/todos"))
    failed = crash(server.post("/todos", MILK))
    assert "table todos has no column named priority" in failed
    assert server.get("/count").json == 1
    server.restart()
    assert server.get("/todos").status == 500
    server.delete_databases()
    server.restart()
    assert server.post("/todos", MILK).status == 201


@pytest.mark.parametrize(
    "lending", ["    return db\n", LENDING.replace("yield", "return")], ids=["bare", "in a try"]
)
def test_a_session_that_is_returned_keeps_its_connection_also_from_inside_a_try_with_close(
    serve: Serve, lending: str
) -> None:
    server = serve((LENDING, lending), collect=False)
    for times in range(1, 6):
        assert server.get("/todos").ok
        assert len(server.connections_out()) == times


def test_leaked_sessions_look_healthy_while_the_garbage_collector_runs(serve: Serve) -> None:
    server = serve((LENDING, "    return db\n"))
    assert [server.post("/todos", MILK).status for _ in range(40)] == [201] * 40


def test_when_all_connections_are_out_a_request_waits_and_fails(serve: Serve) -> None:
    server = serve((LENDING, "    return db\n"), collect=False, pool_timeout=0.2)
    answers = [server.get("/todos") for _ in range(16)]
    assert [answer.status for answer in answers] == [200] * 15 + [500]
    assert "QueuePool limit of size 5 overflow 10 reached" in crash(answers[-1])


def test_the_pool_of_a_file_database_lends_15_connections_and_waits_30_seconds(
    tmp_path: Path,
) -> None:
    pool = create_engine(f"sqlite:///{tmp_path}/todos.db").pool
    assert isinstance(pool, QueuePool)
    assert pool.size() + pool._max_overflow == 15
    assert pool.timeout() == 30


ENGINE = 'create_engine("sqlite:///./todos.db")'
TURNS = """\
import asyncio

turns = asyncio.Semaphore({})

async def turn():
    async with turns:
        yield

"""


@pytest.mark.parametrize(
    ("pool", "clients"),
    [("", 80), ("pool_size=40", 120), ("pool_timeout=0.5", 80), ("pool_size=100", 180)],
)
def test_a_crowd_stops_an_app_that_closes_every_session_and_a_larger_pool_needs_a_larger_crowd(
    serve: Serve, pool: str, clients: int
) -> None:
    server = serve((ENGINE, f"{ENGINE[:-1]}, {pool})"), collect=False, pool_timeout=1.0)
    answers = server.at_once([("GET", "/todos", None)] * clients)
    assert {answer.status for answer in answers} == {200, 500}
    assert all("QueuePool limit" in crash(answer) for answer in answers if not answer.ok)
    assert len(server.connections_out()) == 0


@pytest.mark.parametrize("pool", ["max_overflow=-1", "pool_size=0", "poolclass=NullPool"])
def test_a_crowd_of_any_size_is_answered_where_nobody_waits_for_a_connection(
    serve: Serve, pool: str
) -> None:
    changes = (
        ("import StaticPool", "import NullPool, StaticPool"),
        (ENGINE, f"{ENGINE[:-1]}, {pool})"),
    )
    server = serve(*changes)
    assert all(answer.ok for answer in server.at_once([("GET", "/todos", None)] * 180))


def test_who_waits_for_a_connection_in_the_last_thread_waits_for_those_that_need_a_thread(
    serve: Serve,
) -> None:
    app = "app = FastAPI(lifespan=lifespan"
    # There are 40 threads and 15 connections: 55 turns and more are too many.
    for turns, seconds, statuses in ((50, 30.0, {200}), (90, 1.0, {200, 500})):
        taken = TURNS.format(turns) + f"{app}, dependencies=[Depends(turn)]"
        server = serve((app, taken), pool_timeout=seconds)
        answers = server.at_once([("GET", "/todos", None)] * 120)
        assert {answer.status for answer in answers} == statuses


def test_a_dependency_without_yield_and_without_return_gives_none(serve: Serve) -> None:
    server = serve((LENDING, "    pass\n"))
    assert "'NoneType' object has no attribute" in crash(server.get("/todos"))


def test_a_yield_without_finally_leaks_where_the_endpoint_raises_and_a_404_is_enough(
    serve: Serve,
) -> None:
    server = serve((LENDING, "    yield db\n    db.close()\n"), collect=False)
    server.get("/todos")
    assert len(server.connections_out()) == 0
    server.get("/todos/77")
    assert len(server.connections_out()) == 1


def test_code_after_yield_runs_after_the_response_since_fastapi_0_118_and_before_it_until_then(
    serve: Serve,
) -> None:
    server = serve((LENDING, LENDING.replace("db.close()", "db.close(); print('closed')")))
    server.get("/todos")
    server.connections_out()
    order = [e["event"] for e in server.events.all("response", "checkin") if e.get("frame", 1)]
    late = at_least("fastapi", "0.118")
    assert order[-2:] == (["response", "checkin"] if late else ["checkin", "response"])


BELOW = ("        yield db\n", "        yield db\n        db.commit()\n")
FLUSHED = ("    db.add(todo)\n    db.commit()\n", "    db.add(todo)\n    db.flush()\n")


def left_by_a_kill_at_the_answer(server: Server) -> int:
    """How many todos are left of one, whose POST is answered 201 in the moment of a kill."""
    server.end_with_success()
    assert server.post("/todos", MILK).status == 201
    server.restart(kill=True)
    return len(server.get("/todos").json)


def test_a_commit_below_yield_comes_after_the_answer_since_fastapi_0_118_and_a_kill_forestalls_it(
    serve: Serve,
) -> None:
    late = at_least("fastapi", "0.118")
    assert left_by_a_kill_at_the_answer(serve(BELOW, FLUSHED)) == (0 if late else 1)


@pytest.mark.skipif(not at_least("fastapi", "0.121"), reason="scope came with FastAPI 0.121")
def test_with_the_scope_of_the_function_a_commit_below_yield_comes_before_the_answer(
    serve: Serve,
) -> None:
    scoped = 'create_todo(body: TodoCreate, db: Session = Depends(get_db, scope="function")'
    within = ("create_todo(body: TodoCreate, db: Session = Depends(get_db)", scoped)
    assert left_by_a_kill_at_the_answer(serve(BELOW, FLUSHED, within)) == 1


@pytest.mark.long
def test_a_session_that_is_yielded_and_closed_leaves_nothing_out_after_600_requests(
    serve: Serve,
) -> None:
    server = serve(collect=False)
    # Not more at a time than FastAPI has threads: where 40 wait for one of the pool's 15
    # connections, no thread is left for the answers whose end would give one back.
    for _ in range(15):
        assert all(answer.ok for answer in server.at_once([("GET", "/todos", None)] * 40))
    assert len(server.connections_out(grace=2)) == 0


# -- other mistakes that the course names ----------------------------------------------------

ADDED = "    db.commit()\n    db.refresh(todo)\n    return todo\n"


@pytest.mark.parametrize(
    ("instead", "says"),
    [("    db.refresh(todo)\n", "not persistent"), ("", "ResponseValidationError")],
    ids=["add and refresh", "add alone"],
)
def test_without_commit_and_without_flush_a_post_fails(
    serve: Serve, instead: str, says: str
) -> None:
    failed = crash(serve((ADDED, f"{instead}    return todo\n")).post("/todos", MILK))
    assert says in failed


def test_without_commit_a_flush_answers_201_with_an_id_and_the_todo_is_gone(serve: Serve) -> None:
    server = serve((ADDED, ADDED.replace("commit", "flush")))
    made = server.post("/todos", MILK)
    assert made.status == 201
    assert made.json["id"] == 1
    assert server.get("/todos").json == []


def test_one_session_for_all_requests_fails_for_ever_after_one_failed_flush(serve: Serve) -> None:
    server = serve(
        ("SessionLocal = sessionmaker(bind=engine)", "SessionLocal = sessionmaker(bind=engine)()"),
        (f"    db = SessionLocal()\n{LENDING}", "    return SessionLocal\n"),
    )
    assert server.post("/todos", MILK).status == 201
    assert "NOT NULL constraint failed: todos.title" in crash(
        server.post("/todos", {"title": None})
    )
    for answer in (server.post("/todos", MILK), server.get("/todos")):
        assert "PendingRollbackError" in crash(answer)
        assert "has been rolled back" in crash(answer)
    server.restart()
    assert server.post("/todos", MILK).status == 201


def test_a_model_that_is_defined_after_create_all_has_no_table(serve: Serve) -> None:
    server = serve(
        ("    Base.metadata.create_all(engine)\n", ""),
        ("    pass\n\ndef get_db", "    pass\n\nBase.metadata.create_all(engine)\n\ndef get_db"),
    )
    assert "no such table: todos" in crash(server.post("/todos", MILK))


def test_a_schema_without_from_attributes_answers_all_the_same(serve: Serve) -> None:
    server = serve(("    model_config = ConfigDict(from_attributes=True)\n", ""))
    assert server.post("/todos", MILK).status == 201
    assert server.get("/todos").json == [{"id": 1, "title": "Buy milk", "completed": False}]


def test_without_from_attributes_only_an_explicit_model_validate_fails() -> None:
    class Shown(BaseModel):
        title: str

    with pytest.raises(ValidationError, match="instance of Shown"):
        Shown.model_validate(Todo(title="Buy milk"))
    assert Shown.model_validate(Todo(title="Buy milk"), from_attributes=True).title == "Buy milk"


def test_sqlalchemy_sets_check_same_thread_for_files_itself_and_not_for_memory() -> None:
    dialect = create_engine("sqlite://").dialect
    for url, checked in (("sqlite:///./todos.db", False), ("sqlite://", True)):
        _, options = dialect.create_connect_args(create_engine(url).url)
        assert options["check_same_thread"] is checked


def test_a_database_in_memory_is_another_one_in_each_thread(serve: Serve) -> None:
    server = serve(('"sqlite:///./todos.db"', '"sqlite://"'))
    assert "no such table" in crash(server.post("/todos", MILK))


def test_a_static_pool_shares_the_database_in_memory_until_the_restart(serve: Serve) -> None:
    memory = '"sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}'
    server = serve(('"sqlite:///./todos.db"', memory))
    assert server.post("/todos", MILK).status == 201
    assert len(server.get("/todos").json) == 1
    assert not list(server.folder.glob("*.db"))
    server.restart()
    assert server.get("/todos").json == []


def test_the_first_route_that_fits_is_taken(serve: Serve) -> None:
    server = serve(add="\n@app.get('/todos/count')\ndef count():\n    return 0\n")
    answer = server.get("/todos/count")
    assert answer.status == 422
    assert "unable to parse string as an integer" in answer.text


def test_a_query_parameter_that_the_function_does_not_name_is_ignored(serve: Serve) -> None:
    server = serve()
    server.post("/todos", MILK)
    assert len(server.get("/todos?completed=true").json) == 1


def test_a_field_that_the_model_lacks_fails_on_create(serve: Serve) -> None:
    server = serve(("    title: str | None\n", "    title: str | None\n    note: str = ''\n"))
    assert "'note' is an invalid keyword argument for Todo" in crash(server.post("/todos", MILK))


def test_a_response_field_that_the_model_lacks_is_always_its_default(serve: Serve) -> None:
    server = serve(("    id: int\n", "    id: int\n    note: str = 'none'\n"))
    assert server.post("/todos", {**MILK, "note": "two litres"}).json["note"] == "none"


def test_a_field_that_the_response_schema_lacks_stays_inside(serve: Serve) -> None:
    server = serve(("    title: str\n    completed: bool\n", "    title: str\n"))
    assert server.post("/todos", MILK).json == {"id": 1, "title": "Buy milk"}


def test_drop_all_at_the_start_loses_every_row_and_create_all_none(serve: Serve) -> None:
    server = serve()
    server.post("/todos", MILK)
    server.restart()
    assert len(server.get("/todos").json) == 1
    create = "    Base.metadata.create_all(engine)\n"
    assert serve((create, f"    Base.metadata.drop_all(engine)\n{create}")).get("/todos").json == []


def test_a_relative_path_is_another_database_in_another_folder(tmp_path: Path) -> None:
    program = (
        "import sqlalchemy as s; e = s.create_engine('sqlite:///./todos.db');"
        "c = e.begin(); t = c.__enter__(); t.execute(s.text('CREATE TABLE todos (id)'))"
    )
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path / name, check=True)
    assert len(list(tmp_path.glob("*/todos.db"))) == 2


def test_sqlite_gives_the_id_of_a_deleted_todo_to_a_new_one_without_autoincrement(
    serve: Serve,
) -> None:
    server = serve()
    server.post("/todos", MILK)
    server.delete("/todos/1")
    assert server.post("/todos", MILK).json["id"] == 1
    server.delete_databases()
    table = '"todos"\n    __table_args__ = ({"sqlite_autoincrement": True},)'
    server = serve(('"todos"', table))
    server.post("/todos", MILK)
    server.delete("/todos/1")
    assert server.post("/todos", MILK).json["id"] == 2


def test_an_id_beyond_64_bits_is_a_500(serve: Serve) -> None:
    assert "OverflowError" in crash(serve().get(f"/todos/{2**63}"))


def test_a_null_in_one_row_fails_the_whole_list(serve: Serve) -> None:
    nullable = "completed: Mapped[bool | None] = mapped_column(default=False)"
    change = ("completed: Mapped[bool] = mapped_column(default=False)", nullable)
    server = serve(change)
    server.post("/todos", MILK)
    server.stop()
    with closing(sqlite3.connect(server.folder / "todos.db")) as database, database:
        database.execute("UPDATE todos SET completed = NULL")
    server.start()
    assert "ResponseValidationError" in crash(server.get("/todos"))


# -- what a session shows, and when ----------------------------------------------------------


class Base(DeclarativeBase):
    """The base of this file's own model."""


class Todo(Base):
    """A todo for what needs no server."""

    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(String)
    completed: Mapped[bool] = mapped_column(Boolean, default=False)


COUNT = select(func.count(Todo.id))


@pytest.fixture
def sessions(tmp_path: Path) -> sessionmaker[Session]:
    engine = create_engine(f"sqlite:///{tmp_path}/todos.db")
    Base.metadata.create_all(engine)
    return sessionmaker(bind=engine)


def test_a_query_flushes_first_and_with_autoflush_off_it_does_not_see_what_was_added(
    sessions: sessionmaker[Session],
) -> None:
    for autoflush, seen in ((True, 1), (False, 0)):
        with sessions(autoflush=autoflush) as db:
            db.add(Todo(title="Buy milk"))
            assert db.scalar(COUNT) == seen
            with sessions() as other:
                assert other.scalar(COUNT) == 0


def test_a_columns_default_and_the_id_come_with_the_insert(
    sessions: sessionmaker[Session],
) -> None:
    with sessions() as db:
        todo = Todo(title="Buy milk")
        db.add(todo)
        unsaved: tuple[object, object] = (todo.id, todo.completed)
        assert unsaved == (None, None)
        db.flush()
        assert (todo.id, todo.completed) == (1, False)


def test_after_a_commit_attributes_are_read_anew_without_refresh_while_the_session_is_open(
    sessions: sessionmaker[Session],
) -> None:
    with sessions() as db:
        todo = Todo(title="Buy milk")
        db.add(todo)
        db.commit()
        assert vars(todo).keys() == {"_sa_instance_state"}
        assert todo.id == 1


def test_after_a_commit_and_a_close_an_attribute_cannot_be_read_unless_it_does_not_expire(
    sessions: sessionmaker[Session],
) -> None:
    todo = Todo(title="Buy milk")
    with sessions() as db:
        db.add(todo)
        db.commit()
    with pytest.raises(DetachedInstanceError, match="is not bound to a Session"):
        _ = todo.title
    with sessions(expire_on_commit=False) as db:
        kept = Todo(title="Walk the dog")
        db.add(kept)
        db.commit()
    assert (kept.id, kept.title) == (2, "Walk the dog")


def test_refresh_of_what_was_never_flushed_fails(sessions: sessionmaker[Session]) -> None:
    with sessions() as db:
        todo = Todo(title="Buy milk")
        db.add(todo)
        with pytest.raises(InvalidRequestError, match="not persistent within this Session"):
            db.refresh(todo)


def test_a_session_that_failed_to_flush_needs_a_rollback_and_then_works_again(
    sessions: sessionmaker[Session],
) -> None:
    with sessions() as db:
        db.add(Todo(title=None))
        with pytest.raises(Exception, match="NOT NULL constraint failed"):
            db.flush()
        with pytest.raises(PendingRollbackError):
            db.scalar(COUNT)
        db.rollback()
        assert db.scalar(COUNT) == 0


def test_an_engine_opens_no_file_until_a_connection_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "todos.db"
    engine = create_engine(f"sqlite:///{file}")
    assert not file.exists()
    engine.connect().close()
    assert file.exists()


def test_create_all_makes_missing_tables_and_neither_alters_nor_wipes_one_that_is_there(
    tmp_path: Path,
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/todos.db")
    with engine.begin() as old:
        old.execute(text("CREATE TABLE todos (id INTEGER, title TEXT)"))
        old.execute(text("INSERT INTO todos VALUES (1, 'Buy milk')"))
    Base.metadata.create_all(engine)
    assert len(inspect(engine).get_columns("todos")) == 2
    with engine.connect() as new:
        assert new.scalar(text("SELECT COUNT(*) FROM todos")) == 1


def test_a_table_made_after_create_all_has_asked_is_in_its_way_and_if_not_exists_does_not_mind(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/todos.db"
    quicker = create_engine(url)

    def overtaken(connection: object, cursor: object, sql: str, *_: object) -> None:
        if "CREATE TABLE" in sql:
            Base.metadata.create_all(quicker)

    slower = create_engine(url)
    event.listen(slower, "before_cursor_execute", overtaken)
    with pytest.raises(OperationalError, match="table todos already exists"):
        Base.metadata.create_all(slower)
    Base.metadata.drop_all(quicker)
    with slower.begin() as connection:
        for table in Base.metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
    assert inspect(quicker).has_table("todos")


def test_sqlite_tells_of_a_statement_before_it_takes_a_lock_for_it(tmp_path: Path) -> None:
    file = tmp_path / "todos.db"
    told: list[str] = []

    def meanwhile(sql: str) -> None:
        told.append(sql)
        with closing(sqlite3.connect(file, timeout=0)) as other:
            other.execute("CREATE TABLE quicker (id INTEGER)")

    with closing(sqlite3.connect(file, timeout=0)) as connection:
        connection.set_trace_callback(meanwhile)
        connection.execute("CREATE TABLE todos (id INTEGER)")
        connection.set_trace_callback(None)
        names = connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
    assert told == ["CREATE TABLE todos (id INTEGER)"]
    assert names == [("quicker",), ("todos",)]


def test_sqlite_forgets_the_offset_of_a_time(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from sqlalchemy import DateTime, literal

    with create_engine("sqlite://").connect() as connection:
        stored = connection.scalar(select(literal(datetime.now(UTC), DateTime(True))))
    assert stored is not None
    assert stored.tzinfo is None


# -- SQLite: kills, journals, copies ---------------------------------------------------------

QUICK = {("DELETE", "FULL"), ("WAL", "NORMAL")}
WRITER = """
import os, sqlite3, sys
database = sqlite3.connect("todos.db", isolation_level=None)
database.execute(f"PRAGMA journal_mode={sys.argv[1]}")
database.execute(f"PRAGMA synchronous={sys.argv[2]}")
database.execute("CREATE TABLE todos (id INTEGER PRIMARY KEY, title TEXT)")
number = 0
while True:
    number += 1
    database.execute("BEGIN")
    database.execute("INSERT INTO todos VALUES (?, ?)", (number, "x" * 2000))
    database.execute("COMMIT")
    os.write(1, f"{number}\\n".encode())
"""


@pytest.mark.parametrize(
    ("mode", "synchronous"),
    [
        pytest.param(
            mode,
            synchronous,
            marks=[] if (mode, synchronous) in QUICK else [pytest.mark.long],
        )
        for mode in ("DELETE", "TRUNCATE", "WAL")
        for synchronous in ("OFF", "NORMAL", "FULL")
    ],
)
def test_every_row_that_was_committed_before_a_kill_is_there_after_it(
    tmp_path: Path, mode: str, synchronous: str
) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, mode, synchronous], cwd=tmp_path, stdout=subprocess.PIPE
    )
    assert writer.stdout
    lines = [writer.stdout.readline() for _ in range(50)]
    writer.kill()
    lines += writer.communicate()[0].splitlines(keepends=True)
    last = max(int(line) for line in lines if line.endswith(b"\n"))
    with closing(sqlite3.connect(tmp_path / "todos.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        count = database.execute("SELECT COUNT(*) FROM todos").fetchone()[0]
    assert count in (last, last + 1)  # the kill may come between COMMIT and the line


def test_a_copy_of_the_main_file_alone_lacks_what_is_in_the_write_ahead_log(
    tmp_path: Path,
) -> None:
    with closing(sqlite3.connect(tmp_path / "todos.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE todos (id)")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("INSERT INTO todos VALUES (1)")
        (tmp_path / "copy.db").write_bytes((tmp_path / "todos.db").read_bytes())
        with closing(sqlite3.connect(tmp_path / "backup.db")) as backup:
            database.backup(backup)
            assert backup.execute("SELECT COUNT(*) FROM todos").fetchone() == (1,)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT COUNT(*) FROM todos").fetchone() == (0,)


def test_alembic_adds_a_column_that_must_have_a_value_only_with_a_server_default(
    tmp_path: Path,
) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from sqlalchemy import Column

    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("CREATE TABLE todos (id INTEGER, title TEXT)"))
        connection.execute(text("INSERT INTO todos VALUES (1, 'Buy milk')"))
        operations = Operations(MigrationContext.configure(connection))
        with pytest.raises(OperationalError, match="Cannot add a NOT NULL column"):
            operations.add_column("todos", Column("a", Integer, nullable=False, default=0))
        operations.add_column("todos", Column("b", Integer, nullable=False, server_default="0"))
        assert connection.scalar(text("SELECT b FROM todos")) == 0
        with pytest.raises(NotImplementedError):
            operations.create_unique_constraint("u", "todos", ["title"])
        with operations.batch_alter_table("todos") as batch:
            batch.create_unique_constraint("u", ["title"])


# -- FastAPI and uvicorn ---------------------------------------------------------------------


def test_a_dependency_is_called_once_for_each_request_whoever_asks_for_it(serve: Serve) -> None:
    server = serve(
        add="\ncalls = []\ndef ticket():\n    calls.append(1)\n    return len(calls)\n"
        "@app.get('/pair')\ndef pair(a=Depends(ticket), b=Depends(ticket)):\n    return [a, b]\n"
    )
    assert server.get("/pair").json == [1, 1]
    assert server.get("/pair").json == [2, 2]


def test_fastapis_own_405_names_the_methods_of_one_function_alone() -> None:
    app = FastAPI()
    app.get("/todos")(lambda: None)
    app.post("/todos")(lambda: None)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.delete("/todos")

    import asyncio

    answer = asyncio.run(ask())
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


def test_a_plain_bool_takes_0_and_no_as_well() -> None:
    class Loose(BaseModel):
        completed: bool

    assert Loose.model_validate({"completed": 0}).completed is False
    assert Loose.model_validate({"completed": "no"}).completed is False


def test_uvicorn_ends_with_the_signal_of_a_sigterm(serve: Serve) -> None:
    assert serve().stop() == -signal.SIGTERM


def test_uvicorn_closes_the_connection_after_an_unhandled_error(serve: Serve) -> None:
    server = serve(add="\n@app.get('/fails')\ndef fails():\n    1 / 0\n")
    port = server.events.all("listening")[0]["port"]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        assert client.get("/todos").headers.get("connection") is None
        first = client.get("/todos").extensions["network_stream"].get_extra_info("client_addr")
        client.get("/fails")
        try:
            again = client.get("/todos").extensions["network_stream"].get_extra_info("client_addr")
        except httpx.ReadError:  # the request went out before the client saw the connection close
            again = None
    assert first != again


def test_python_runs_old_bytecode_after_an_edit_of_the_same_size_in_the_same_second(
    tmp_path: Path,
) -> None:
    source = tmp_path / "answer.py"
    source.write_text("print(1)\n", "utf-8")
    py_compile.compile(str(source))
    stamp = source.stat().st_mtime
    source.write_text("print(2)\n", "utf-8")
    os.utime(source, (time.time(), stamp))
    done = subprocess.run(
        [sys.executable, "-c", "import answer"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout == "1\n"


def test_a_session_updates_the_columns_that_have_changed_and_no_others() -> None:
    class Base(DeclarativeBase):
        pass

    class Todo(Base):
        __tablename__ = "todos"
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str]
        completed: Mapped[bool] = mapped_column(default=False)

    engine = create_engine("sqlite://")
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    Base.metadata.create_all(engine)
    with Session(engine) as db:
        db.add(Todo(title="old"))
        db.commit()
        todo = db.scalars(select(Todo)).one()
        todo.title, todo.completed = "new", todo.completed
        db.commit()
    (changed,) = [sql for sql in sent if sql.startswith("UPDATE")]
    assert "title" in changed and "completed" not in changed


def test_sqlalchemy_sends_no_for_update_to_sqlite() -> None:
    locking = select(text("id")).with_for_update()
    assert "FOR UPDATE" not in str(locking.compile(dialect=sqlite.dialect()))


@pytest.fixture
def two_writers(tmp_path: Path) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    """Two connections to one file, which begin no transaction by themselves."""
    connected = [
        sqlite3.connect(tmp_path / "todos.db", timeout=timeout, isolation_level=None)
        for timeout in (0, 0.3)
    ]
    connected[0].execute("CREATE TABLE todos (title)")
    yield connected[0], connected[1]
    for connection in connected:
        connection.close()


WRITE = "INSERT INTO todos VALUES ('Buy milk')"


def test_a_transaction_locks_other_writers_out_from_its_first_write_to_its_commit(
    two_writers: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    one, other = two_writers
    one.execute("BEGIN")
    other.execute(WRITE)
    one.execute(WRITE)
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        other.execute(WRITE)
    assert other.execute("SELECT count(*) FROM todos").fetchone() == (1,)
    one.execute("COMMIT")
    other.execute(WRITE)


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_while_somebody_reads_a_write_goes_through_and_its_commit_only_with_a_write_ahead_log(
    two_writers: tuple[sqlite3.Connection, sqlite3.Connection], journal: str
) -> None:
    one, other = two_writers
    one.execute(f"PRAGMA journal_mode={journal}")
    one.execute("BEGIN")
    one.execute("SELECT * FROM todos").fetchall()
    other.execute("BEGIN")
    other.execute(WRITE)
    if journal == "DELETE":
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            other.execute("COMMIT")
        one.execute("COMMIT")
    other.execute("COMMIT")


@pytest.mark.parametrize(("begin", "waits"), [("BEGIN", False), ("BEGIN IMMEDIATE", True)])
def test_who_has_read_in_a_transaction_does_not_wait_for_the_lock(
    two_writers: tuple[sqlite3.Connection, sqlite3.Connection], begin: str, waits: bool
) -> None:
    one, other = two_writers
    one.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        other.execute(begin)
        other.execute("SELECT * FROM todos").fetchall()
        other.execute(WRITE)
    assert (time.monotonic() - began >= 0.25) is waits


def test_sqlalchemy_lets_sqlite_wait_five_seconds_for_a_lock(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'todos.db'}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000
    engine.dispose()


def test_a_sync_session_in_async_def_keeps_every_client_waiting_and_def_does_not(
    serve: Serve,
) -> None:
    write, read = ("POST", "/todos", MILK), ("GET", "/todos", None)
    assert not serve().interleave(write, LOCK, read).waited
    server = serve(("def create_todo(", "async def create_todo("))
    found = server.interleave(write, LOCK, read)
    assert found.stood and found.waited
    assert (found.held.status, found.other.status) == (201, 200)


def test_who_reads_needs_no_lock_while_somebody_is_about_to_write(
    two_writers: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    one, other = two_writers
    one.execute("BEGIN IMMEDIATE")
    assert other.execute("SELECT count(*) FROM todos").fetchone() == (0,)


@pytest.mark.parametrize("title", ["Buy milk", "nobody's"])
def test_a_delete_needs_the_lock_whether_it_finds_a_row_or_not(
    two_writers: tuple[sqlite3.Connection, sqlite3.Connection], title: str
) -> None:
    one, other = two_writers
    other.execute(WRITE)
    one.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="database is locked"):
        other.execute("DELETE FROM todos WHERE title = ?", (title,))


def test_two_processes_share_the_database_and_no_variable(serve: Serve) -> None:
    counting = "@app.get('/asked')\ndef ask():\n    asked.append(1)\n    return asked\n"
    server = serve(add=f"\nasked = []\n{counting}")
    with server.beside() as other:
        server.post("/todos", MILK)
        assert other.get("/todos").json == server.get("/todos").json != []
        assert [each.get("/asked").json for each in (server, server, other)] == [[1], [1, 1], [1]]


def count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT count(*) FROM todos").fetchone()[0])


def test_a_copy_of_a_file_lacks_what_is_in_its_log_and_a_backup_by_sqlite_has_it(
    serve: Serve,
) -> None:
    server = serve(add=WAL)
    server.post("/todos", MILK)
    todos = server.folder / "todos.db"
    with closing(sqlite3.connect(todos)) as source:
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        server.post("/todos", MILK)
        copied, backed_up, vacuumed = (server.folder / name for name in ("1.db", "2.db", "3.db"))
        shutil.copy(todos, copied)
        with closing(sqlite3.connect(backed_up)) as target:
            source.backup(target)
        source.execute("VACUUM INTO ?", (str(vacuumed),))
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            source.execute("VACUUM INTO ?", (str(vacuumed),))
    assert [count(path) for path in (todos, copied, backed_up, vacuumed)] == [2, 1, 2, 2]


def test_a_checkpoint_does_not_write_back_what_came_after_somebody_began_to_read(
    two_writers: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    one, other = two_writers
    one.execute("PRAGMA journal_mode=WAL")
    other.execute("BEGIN")
    assert other.execute("SELECT count(*) FROM todos").fetchone() == (0,)
    one.execute(WRITE)
    busy, there, written_back = one.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert busy and written_back < there
    other.execute("COMMIT")
    assert one.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)


def test_a_copy_from_the_middle_of_a_write_has_what_was_never_committed(
    two_writers: tuple[sqlite3.Connection, sqlite3.Connection], tmp_path: Path
) -> None:
    one, _ = two_writers
    one.execute(WRITE)
    one.execute("PRAGMA cache_size = 1")
    one.execute("BEGIN")
    one.execute("DELETE FROM todos")
    one.execute("CREATE TABLE filler (page)")
    one.executemany("INSERT INTO filler VALUES (zeroblob(?))", [(4000,)] * 64)
    shutil.copy(tmp_path / "todos.db", tmp_path / "copy.db")
    one.execute("ROLLBACK")
    assert (count(tmp_path / "todos.db"), count(tmp_path / "copy.db")) == (1, 0)


def test_exclude_none_leaves_out_a_null_that_was_sent_and_exclude_unset_does_not() -> None:
    class Update(BaseModel):
        title: str = ""
        note: str | None = None

    sent = Update.model_validate({"note": None})
    assert sent.model_fields_set == {"note"}
    assert sent.model_dump(exclude_none=True) == {"title": ""}
    assert sent.model_dump(exclude_unset=True) == {"note": None}
    assert sent.model_dump(exclude_defaults=True) == {}


def test_a_default_need_not_fit_its_field_and_a_null_that_is_sent_must() -> None:
    class Update(BaseModel):
        title: Annotated[str, Field(min_length=1)] = ""

    assert Update.model_validate({}).title == ""
    with pytest.raises(ValidationError):
        Update.model_validate({"title": None})


def test_what_a_background_task_does_in_the_session_of_the_request_is_lost(serve: Serve) -> None:
    # Before FastAPI 0.118 that session is closed by then, from there on it is about to be.
    late = "    tasks.add_task(db.delete, get_todo(todo_id, db))"
    server = serve(
        ("import Depends,", "import BackgroundTasks, Depends,"),
        ("def delete_todo(todo_id: int,", "def delete_todo(todo_id: int, tasks: BackgroundTasks,"),
        ("    db.delete(get_todo(todo_id, db))", late),
    )
    server.post("/todos", MILK)
    assert server.delete("/todos/1").status == 204
    assert server.settle()
    assert server.get("/todos/1").status == 200


def test_a_background_task_that_fails_does_so_after_the_answer(serve: Serve) -> None:
    failing = "def fails(tasks: BackgroundTasks):\n    tasks.add_task(divmod, 1, 0)\n"
    server = serve(
        ("import Depends,", "import BackgroundTasks, Depends,"),
        add=f"\n@app.get('/fails')\n{failing}",
    )
    assert server.get("/fails").status == 200
    assert server.settle()
    (done,) = server.events.all("done")
    assert done["crash"]["kind"] == "ZeroDivisionError"


def test_a_default_that_is_a_value_is_computed_once_and_a_function_is_called_for_each_row() -> None:
    numbers = itertools.count(1)

    class Base(DeclarativeBase):
        pass

    class Todo(Base):
        __tablename__ = "todos"
        id: Mapped[int] = mapped_column(primary_key=True)
        once: Mapped[int] = mapped_column(default=next(numbers))
        each: Mapped[int] = mapped_column(default=lambda: next(numbers))

    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as db:
        db.add_all([Todo(), Todo()])
        db.commit()
        rows = db.scalars(select(Todo)).all()
        assert [todo.once for todo in rows] == [1, 1]
        assert sorted(todo.each for todo in rows) == [2, 3]


class Listed(DeclarativeBase):
    """Todos that have tags in another table."""


class Tag(Listed):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    todo_id: Mapped[int] = mapped_column(ForeignKey("todos.id"))


class Tagged(Listed):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    tags: Mapped[list[Tag]] = relationship()


def statements(number: int, use: Callable[[Session], object]) -> int:
    """How many statements this use needs of so many todos, each with a tag."""
    engine = create_engine("sqlite://")
    Listed.metadata.create_all(engine)
    with Session(engine) as db:
        db.add_all([Tagged(tags=[Tag()]) for _ in range(number)])
        db.commit()
    ran: list[object] = []
    event.listen(engine, "before_cursor_execute", lambda *told: ran.append(told))
    with Session(engine) as db:
        use(db)
    return len(ran)


def test_a_relationship_is_read_object_by_object_or_for_all_where_the_query_says_so() -> None:
    def lazily(db: Session) -> None:
        for todo in db.scalars(select(Tagged)):
            assert todo.tags

    def at_once(db: Session) -> None:
        for todo in db.scalars(select(Tagged).options(selectinload(Tagged.tags))):
            assert todo.tags

    assert [statements(number, lazily) for number in (2, 8, 100)] == [3, 9, 101]
    assert [statements(number, at_once) for number in (2, 8, 100)] == [2, 2, 2]


def test_after_a_commit_each_object_is_read_again_by_a_statement_of_its_own() -> None:
    def committed(db: Session) -> None:
        todos = db.scalars(select(Tagged)).all()
        db.commit()
        assert all(todo.id for todo in todos)

    assert [statements(number, committed) for number in (2, 8)] == [3, 9]


def test_a_select_of_two_tables_has_a_row_for_each_pair_and_none_for_what_has_no_pair() -> None:
    engine = create_engine("sqlite://")
    Listed.metadata.create_all(engine)
    with Session(engine) as db:
        db.add_all([Tagged(id=1, tags=[Tag(), Tag()]), Tagged(id=2)])
        db.commit()
        assert db.scalars(select(Tagged.id).join(Tagged.tags)).all() == [1, 1]
        joined = db.scalars(select(Tagged).options(joinedload(Tagged.tags)))
        with pytest.raises(InvalidRequestError, match="unique"):
            joined.all()


def proposed(known: MetaData, **options: object) -> list[str]:
    """What autogenerate proposes for a database that has todos and visits, one line each."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    there = MetaData()
    for name in ("todos", "visits"):
        Table(name, there, Column("id", Integer, primary_key=True))
    there.create_all(engine)
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts=options), known)
    return sorted(f"{what} {table.name}" for what, table in found)


def test_autogenerate_drops_every_table_that_the_metadata_does_not_know() -> None:
    known = MetaData()
    assert proposed(known) == ["remove_table todos", "remove_table visits"]
    Table("todos", known, Column("id", Integer, primary_key=True))
    assert proposed(known) == ["remove_table visits"]
    Table("tags", known, Column("id", Integer, primary_key=True))
    assert proposed(known) == ["add_table tags", "remove_table visits"]


def test_autogenerate_can_be_told_which_tables_are_none_of_its_matter() -> None:
    def object_is_ours(
        found: object, name: str, kind: str, reflected: bool, compare_to: object
    ) -> bool:
        return kind != "table" or not reflected or compare_to is not None

    def name_is_ours(name: str, kind: str, parents: object) -> bool:
        return kind != "table" or name in known.tables

    known = MetaData()
    Table("tags", known, Column("id", Integer, primary_key=True))
    assert proposed(known, include_object=object_is_ours) == ["add_table tags"]
    assert proposed(known, include_name=name_is_ours) == ["add_table tags"]


def test_a_model_is_in_the_metadata_of_its_base_once_its_class_was_made() -> None:
    class Base(DeclarativeBase):
        pass

    assert not Base.metadata.tables

    class Todo(Base):
        __tablename__ = "todos"
        id: Mapped[int] = mapped_column(primary_key=True)

    assert list(Base.metadata.tables) == ["todos"]


def gathered(
    use: Callable[[async_sessionmaker[AsyncSession]], Awaitable[Sequence[object]]],
) -> Sequence[object]:
    """What comes of a use of AsyncSessions on a database file that has nothing in it."""
    with tempfile.TemporaryDirectory() as folder:

        async def main() -> Sequence[object]:
            engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/empty.db")
            try:
                return await use(async_sessionmaker(engine))
            finally:
                await engine.dispose()

        return asyncio.run(main())


async def ask(session: AsyncSession) -> object:
    return await session.scalar(text("SELECT 1"))


def test_an_async_session_refuses_a_second_task_while_it_gets_its_connection() -> None:
    async def one_session(sessions: async_sessionmaker[AsyncSession]) -> Sequence[object]:
        async with sessions() as session:
            return await asyncio.gather(ask(session), ask(session), return_exceptions=True)

    answered, refused = gathered(one_session)
    assert answered == 1
    assert isinstance(refused, InvalidRequestError)
    assert "concurrent operations are not permitted" in str(refused)


def test_tasks_with_a_session_each_and_statements_in_turn_are_answered() -> None:
    async def alone(sessions: async_sessionmaker[AsyncSession]) -> object:
        async with sessions() as session:
            return await ask(session)

    async def one_each(sessions: async_sessionmaker[AsyncSession]) -> Sequence[object]:
        return await asyncio.gather(alone(sessions), alone(sessions))

    async def in_turn(sessions: async_sessionmaker[AsyncSession]) -> Sequence[object]:
        async with sessions() as session:
            return [await ask(session), await ask(session)]

    assert gathered(one_each) == gathered(in_turn) == [1, 1]


def test_with_aiosqlite_nobody_notices_once_the_session_has_its_connection() -> None:
    async def connected(sessions: async_sessionmaker[AsyncSession]) -> Sequence[object]:
        async with sessions() as session:
            await session.connection()
            return await asyncio.gather(ask(session), ask(session))

    assert gathered(connected) == [1, 1]


class WithComments(AsyncAttrs, DeclarativeBase):
    """The base of todos that have comments."""


class CommentedTodo(WithComments):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    comments: Mapped[list[Comment]] = relationship()


class Comment(WithComments):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    todo_id: Mapped[int] = mapped_column(ForeignKey("todos.id"))


def comments_of_a_todo(read: Callable[[AsyncSession], Awaitable[list[Comment]]]) -> int:
    """How many comments are read of a todo that has two, in a session that has not made it."""

    async def use(sessions: async_sessionmaker[AsyncSession]) -> Sequence[object]:
        async with sessions() as session:
            connection = await session.connection()
            await connection.run_sync(WithComments.metadata.create_all)
            session.add(CommentedTodo(comments=[Comment(), Comment()]))
            await session.commit()
        async with sessions() as session:
            return list(await read(session))

    return len(gathered(use))


async def first(session: AsyncSession, *options: ORMOption) -> CommentedTodo:
    return (await session.scalars(select(CommentedTodo).options(*options))).unique().one()


async def selected(session: AsyncSession) -> list[Comment]:
    return (await first(session, selectinload(CommentedTodo.comments))).comments


async def joined(session: AsyncSession) -> list[Comment]:
    return (await first(session, joinedload(CommentedTodo.comments))).comments


async def awaited(session: AsyncSession) -> list[Comment]:
    found: list[Comment] = await (await first(session)).awaitable_attrs.comments
    return found


async def refreshed(session: AsyncSession) -> list[Comment]:
    todo = await first(session)
    await session.refresh(todo, ["comments"])
    return todo.comments


async def in_sync_code(session: AsyncSession) -> list[Comment]:
    return await session.run_sync(lambda sync: sync.scalars(select(CommentedTodo)).one().comments)


@pytest.mark.parametrize("read", [selected, joined, awaited, refreshed, in_sync_code])
def test_related_rows_are_there_in_async_code_once_they_were_loaded(
    read: Callable[[AsyncSession], Awaitable[list[Comment]]],
) -> None:
    assert comments_of_a_todo(read) == 2


@pytest.mark.filterwarnings("ignore:coroutine")  # the SELECT that nobody awaits
def test_a_lazy_attribute_cannot_load_in_async_code_and_a_commit_makes_it_lazy_again() -> None:
    async def touched(session: AsyncSession) -> list[Comment]:
        return (await first(session)).comments

    async def touched_after_a_commit(session: AsyncSession) -> list[Comment]:
        todo = await first(session, selectinload(CommentedTodo.comments))
        await session.commit()
        return todo.comments

    for read in (touched, touched_after_a_commit):
        with pytest.raises(SQLAlchemyError, match="greenlet_spawn has not been called"):
            comments_of_a_todo(read)
        gc.collect()  # here, where nobody minds that something was never awaited
