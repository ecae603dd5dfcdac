"""Two requests in every order: what is lost is found, and what cannot be lost is not accused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.faults.race import COMMIT, WRITE, Order, Race, race
from lab.workspace.workspace import Workspace
from tests.support.commands import Shell

STYLES = Path(__file__).parents[1] / "corpus" / "styles"

# Reads a todo, and writes all of it back: what another request has written meanwhile is gone.
SYNC = """
from fastapi import Body, Depends, FastAPI
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite:///./todos.db")


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)


Base.metadata.create_all(engine)
app = FastAPI()


def shown(todo):
    return {"id": todo.id, "title": todo.title, "completed": todo.completed}


def session():
    with Session(engine) as db:
        yield db


@app.get("/todos")
def every(db: Session = Depends(session)):
    return [shown(todo) for todo in db.scalars(select(Todo))]


@app.post("/todos", status_code=201)
def create(todo: dict = Body(), db: Session = Depends(session)):
    made = Todo(title=todo["title"])
    db.add(made)
    db.commit()
    return shown(made)


@app.put("/todos/{id}")
def change(id: int, body: dict = Body(), db: Session = Depends(session)):
    todo = shown(db.get_one(Todo, id)) | body
    db.execute(update(Todo).where(Todo.id == id).values(**todo))
    db.commit()
    return todo
"""
ON_THE_LOOP = SYNC.replace("def change(", "async def change(").replace(
    "def session():", "async def session():"
)
ASYNC = """
from contextlib import asynccontextmanager

from fastapi import Body, Depends, FastAPI
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine("sqlite+aiosqlite:///./todos.db")


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todos"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    completed: Mapped[bool] = mapped_column(default=False)


@asynccontextmanager
async def lifespan(app):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield


app = FastAPI(lifespan=lifespan)


def shown(todo):
    return {"id": todo.id, "title": todo.title, "completed": todo.completed}


async def session():
    async with AsyncSession(engine, expire_on_commit=False) as db:
        yield db


@app.get("/todos")
async def every(db: AsyncSession = Depends(session)):
    return [shown(todo) for todo in await db.scalars(select(Todo))]


@app.post("/todos", status_code=201)
async def create(todo: dict = Body(), db: AsyncSession = Depends(session)):
    made = Todo(title=todo["title"])
    db.add(made)
    await db.commit()
    return shown(made)


@app.put("/todos/{id}")
async def change(id: int, body: dict = Body(), db: AsyncSession = Depends(session)):
    todo = shown(await db.get_one(Todo, id)) | body
    await db.execute(update(Todo).where(Todo.id == id).values(**todo))
    await db.commit()
    return todo
"""


@pytest.fixture
def raced(app: Callable[[str], Path], launcher: Launcher) -> Callable[..., Race]:
    def run(source: str, *moments: str) -> Race:
        return race(Workspace.read_only(app(source), "main:app"), launcher, moments=moments)

    return run


def held(found: Race) -> list[Order]:
    return [order for order in found.orders if order.held_at]


@pytest.mark.parametrize("source", [SYNC, ASYNC], ids=["sync", "async"])
def test_a_request_that_writes_back_all_it_has_read_loses_the_other_ones_write(
    raced: Callable[..., Race], source: str
) -> None:
    found = raced(source, WRITE)
    assert [order.lost for order in held(found)] == [("title",), ("completed",)]
    assert not any(order.lost for order in found.orders if order.held_at is None)
    for order in held(found):
        words = [moment.who for moment in order.moments]
        # The whole of the other one lies within the one that is held.
        assert words[0] == words[-1] == order.first and order.second in words


def test_the_reference_loses_nothing_and_a_lock_makes_the_other_one_wait(
    reference: Path, launcher: Launcher
) -> None:
    found = race(Workspace.read_only(reference, "todos_app.main:app"), launcher, moments=[COMMIT])
    assert found.holds and not found.unheld
    assert [order.waited for order in held(found)] == [True, True]
    assert all(answer.ok for order in found.orders for answer in order.answers.values())


@pytest.mark.long
def test_an_earlier_request_that_ends_late_is_not_taken_for_the_one_that_is_held(
    app: Callable[[str], Path], launcher: Launcher
) -> None:
    ends_late = SYNC.replace("create(todo", "create(tasks: BackgroundTasks, todo").replace(
        "    db.add(made)\n", "    db.add(made)\n    tasks.add_task(time.sleep, todo['seconds'])\n"
    )
    imports = "import time\n\nfrom fastapi import BackgroundTasks\n"
    with Server(app(imports + ends_late), launcher, "main:app") as server:
        server.start()
        for _ in range(3):  # more than the lab waits for in all
            id = server.post("/todos", {"title": "slow", "seconds": 2}).json["id"]
        for round in range(10):
            server.post("/todos", {"title": f"todo {round}", "seconds": 0.005 * round})
            change = ("PUT", f"/todos/{id}", {"title": f"round {round}"})
            assert server.interleave(change, COMMIT, ("GET", "/todos", None)).stood


def test_a_sync_session_on_the_event_loop_cannot_be_held_and_that_is_said(
    raced: Callable[..., Race],
) -> None:
    found = raced(ON_THE_LOOP, WRITE)
    assert "keeps the event loop" in found.unheld
    assert found.holds and not held(found)


def test_an_api_with_other_paths_and_names_is_asked_in_its_own_words(launcher: Launcher) -> None:
    style = STYLES / "public_action_route"  # POST /api/todos/{id}/complete
    found = race(Workspace.read_only(style), launcher, moments=[WRITE])
    assert found.requests["A"][:2] == ("POST", "/api/todos/{id}/complete")
    assert [order.answers["A"].status for order in found.orders] == [200] * len(found.orders)
    assert {order.state["completed"] for order in found.orders} == {True}


def test_the_command_says_what_is_lost_and_ends_with_1(app: Callable[[str], Path]) -> None:
    shell = Shell(app(SYNC))
    done = shell.lab("race", "--hold", "write", "-w", ".", "--app", "main:app")
    done.said("A write is lost")
    assert done.code == 1
    one = shell.lab("race", "GET /todos", "-w", ".", "--app", "main:app")
    assert one.code == 2
