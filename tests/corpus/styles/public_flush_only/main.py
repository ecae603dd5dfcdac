import uuid
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine("sqlite+aiosqlite:///./app.db")
session = AsyncSession(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Todo(Base):
    __tablename__ = "todo"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    is_done: Mapped[bool] = mapped_column(default=False)


class CreateTodo(BaseModel):
    title: str


class UpdateTodo(BaseModel):
    title: str | None = None
    is_done: bool | None = None


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with engine.begin() as conn:
        await conn.run_sync(Base.metadata.create_all)
    yield
    await session.close()


app = FastAPI(lifespan=lifespan)


@app.post("/todos", status_code=201)
async def create(body: CreateTodo):
    todo = Todo(id=str(uuid.uuid4()), title=body.title)
    session.add(todo)
    await session.flush()
    return {"id": todo.id, "title": todo.title, "is_done": todo.is_done}


@app.get("/todos")
async def index():
    return [{"id": t.id, "title": t.title, "is_done": t.is_done} for t in await session.scalars(select(Todo))]


@app.patch("/todos/{id}")
async def update(id: str, body: UpdateTodo):
    todo = await session.get(Todo, id)
    if todo is None:
        raise HTTPException(404, "not found")
    for k, v in body.model_dump(exclude_unset=True).items():
        setattr(todo, k, v)
    await session.flush()
    return {"id": todo.id, "title": todo.title, "is_done": todo.is_done}
