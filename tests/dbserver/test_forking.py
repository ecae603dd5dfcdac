"""A connection that was opened before a fork, which both workers have then."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.dbserver.url import DatabaseURL
from lab.faults.forked_workers import Crossed, crossed, forked_workers
from lab.model import Exchange

APP = """
import os
from fastapi import FastAPI
from sqlalchemy import String, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ["DATABASE_URL"])
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))


Base.metadata.create_all(engine)


@app.get("/todos")
def list_todos():
    with Session(engine) as db:
        return [{"id": todo.id, "title": todo.title} for todo in db.scalars(select(Todo))]


@app.post("/todos")
def create_todo(body: dict[str, str]):
    with Session(engine, expire_on_commit=False) as db:
        todo = Todo(title=body["title"])
        db.add(todo)
        db.commit()
        return {"id": todo.id, "title": todo.title}
"""
ASYNC = {
    "Session(engine": "AsyncSession(engine",
    "create_engine(": "create_async_engine(",
    "with Async": "async with Async",
    "db.scalars(": "await db.scalars(",
    "db.commit(": "await db.commit(",
    "\ndef ": "\nasync def ",
    "Base.metadata.create_all(engine)": """async def create_tables():
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


asyncio.run(create_tables())""",
    "import os": """import asyncio
import os

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine""",
}
IN_THE_CHILD = "os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))\n"
IN_THE_PARENT = "os.register_at_fork(after_in_parent=engine.dispose)\n"


def made_and_listed(
    tmp_path: Path, launcher: Launcher, own: DatabaseURL, more: str = "", app: str = APP
) -> tuple[Crossed[Exchange, Exchange], list[Exchange], list[set[str]]]:
    """What comes of a POST before whose COMMIT the other worker lists; later lists; dialects."""
    (tmp_path / "main.py").write_text(app + more, "utf-8")
    with (
        Server(tmp_path, launcher, "main:app", database_url=own) as server,
        forked_workers(server) as second,
    ):
        found = crossed(
            server,
            second,
            lambda: server.post("/todos", {"title": "Buy milk"}),
            lambda: second.get("/todos"),
        )
        both = (server, second)
        return found, [w.get("/todos") for w in both], [w.dialects() for w in both]


def test_what_one_worker_has_not_committed_ends_with_the_session_of_the_other_one(
    tmp_path: Path, launcher: Launcher, own: DatabaseURL
) -> None:
    found, later, dialects = made_and_listed(tmp_path, launcher, own)
    assert found.was_held and found.held.ok
    assert [todo["title"] for todo in found.other.json] == ["Buy milk"]
    assert [answer.json for answer in later] == [[], []]
    # What the import has connected to, each worker has told of.
    assert dialects == [{own.dialect}, {own.dialect}]


@pytest.mark.parametrize("more", [IN_THE_CHILD, "engine.dispose()\n"])
def test_an_engine_that_has_let_go_of_it_opens_a_connection_for_each_worker(
    tmp_path: Path, launcher: Launcher, own: DatabaseURL, more: str
) -> None:
    found, later, _ = made_and_listed(tmp_path, launcher, own, more)
    assert found.was_held and found.held.ok and found.other.json == []
    assert [len(answer.json) for answer in later] == [1, 1]


@pytest.mark.parametrize(
    ("more", "kept"), [("", 0), (IN_THE_CHILD.replace("e.d", "e.sync_engine.d"), 1)]
)
def test_an_async_engine_has_its_connections_from_before_the_fork_as_well(
    tmp_path: Path, launcher: Launcher, own: DatabaseURL, more: str, kept: int
) -> None:
    if own.dialect != "postgresql":
        pytest.skip("its driver is not async")
    app = APP
    for sync, is_async in ASYNC.items():
        app = app.replace(sync, is_async)
    found, later, _ = made_and_listed(tmp_path, launcher, own, more, app)
    assert found.was_held and found.held.ok
    assert [len(answer.json) for answer in (found.other, *later)] == [1 - kept, kept, kept]


def test_the_process_that_was_forked_ends_the_connection_of_its_worker_by_closing_its_own(
    tmp_path: Path, launcher: Launcher, own: DatabaseURL
) -> None:
    found, _, _ = made_and_listed(tmp_path, launcher, own, IN_THE_PARENT)
    assert found.held.status == 500 and not found.was_held
